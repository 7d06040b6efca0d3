import type { Extra } from './kubernetes.ts';
import { type ProgramEnd, standInHttp } from './stand-ins.ts';
import type { Vcenter } from './vcenter.ts';
import type { World } from './world.ts';

const ended = (exitCode: number, stderr = ''): ProgramEnd => ({ exitCode, stdout: '', stderr: stderr === '' ? '' : `govc: ${stderr}\n` });

/** The flags that `vm.network.change` has here; each takes a value, `-net VALUE` or `-net=VALUE`. */
const FLAGS = ['vm', 'net', 'net.adapter', 'net.address'];

const parse = (words: readonly string[]): { readonly flags: Map<string, string>; readonly rest: readonly string[] } | string => {
  const flags = new Map<string, string>();
  const left = [...words];
  for (let word = left[0]; word?.startsWith('-') === true; word = left[0]) {
    left.shift();
    const [, name = '', value] = /^--?([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (!FLAGS.includes(name)) return `flag provided but not defined: -${name}`;
    const given = value ?? left.shift();
    if (given === undefined) return `flag needs an argument: -${name}`;
    flags.set(name, given);
  }
  return { flags, rest: left };
};

/**
 * A stand-in for govc(1) as far as it moves machines: `vm.network.change -vm VM -net NETWORK DEVICE`. The machine is not restarted.
 *
 * Source: the USAGE of govc 0.3x.
 */
export const govc = (world: World, vcenter: Vcenter, argv: readonly string[]): ProgramEnd => {
  const [command, ...words] = argv;
  if (command !== 'vm.network.change') return ended(2, `command not available: ${command ?? ''}`);
  const parsed = parse(words);
  if (typeof parsed === 'string') return ended(2, parsed);
  const { flags, rest } = parsed;
  const [vm, network, [device]] = [flags.get('vm') ?? '', flags.get('net') ?? '', rest];
  if (device === undefined) return ended(1, 'please specify a device name');
  if (!world.machines.has(vm)) return ended(1, `vm '${vm}' not found`);
  if (!world.networks.some(({ name }) => name === network)) return ended(1, `network '${network}' not found`);
  if (device !== 'ethernet-0') return ended(1, `device '${device}' not found`);
  vcenter.move(vm, network);
  return ended(0);
};

/** Answers the stand-in for govc(1). */
export const govcHttp = (world: World, vcenter: Vcenter): Extra => standInHttp('govc', (argv) => govc(world, vcenter, argv));
