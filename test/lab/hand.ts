import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { cacheFolder } from './cache.ts';
import { chart } from './helm.ts';
import { open } from './lab.ts';
import { timed } from './log.ts';
import { endNamespace, handNamespace } from './namespace.ts';
import { labNamespaces } from './network.ts';
import { inNetns } from './process.ts';
import { missing } from './requirements.ts';
import { type Started, start } from './start.ts';

// The lab by hand: up [NODES] [two|one], in COMMAND…, vm move NODE a|b|nowhere, vm reset|power-cycle|cut|start NODE, down.

const machine = z.object({ name: z.string(), index: z.number(), tap: z.string(), mac: z.string(), uuid: z.string() });
const started: z.ZodType<Started> = z.object({
  place: z.object({ netns: z.string(), folder: z.string(), pki: z.string(), tied: z.boolean() }),
  image: z.string(),
  ready: z.string(),
  machines: z.array(machine),
  account: z.object({ folder: z.string(), fleet: z.string(), env: z.record(z.string(), z.string()) }),
});

const file = (): string => path.join(cacheFolder(), 'by-hand.json');
const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};
const read = async (): Promise<Started | undefined> => {
  const content = await readFile(file(), 'utf8').catch(() => undefined);
  return content === undefined ? undefined : started.parse(JSON.parse(content));
};
const running = async (): Promise<Started> => (await read()) ?? fail('no lab is up; start one with test/lab/up');

const tell = ({ place, account, machines }: Started): void => {
  const exports = Object.entries(account.env).map(([name, value]) => `  export ${name}=${value}`);
  const names = machines.map(({ name }) => name).join(' ');
  process.stdout.write(`
The lab is up: ${names}. fleet.yaml: ${account.fleet}
drover has to run in the lab's network namespace, with an account of its own:

  ip netns exec ${place.netns} bash
  cd ${account.folder}
${exports.join('\n')}
  drover plan migrate-runner-node n1 --set gateway=10.77.1.1 --set chart=${chart}

In one line:                     test/lab/in drover plan migrate-runner-node …
As the person in vCenter does:   test/lab/vm move n1 b && test/lab/vm reset n1   (or: vm power-cycle n1)
kubectl:                         test/lab/in "$KUBEBUILDER_ASSETS/kubectl" get node -o wide
Logs and consoles:               ${place.folder}/logs
At the end:                      test/lab/down
`);
};

const up = async (nodes = '1', bridges = 'two'): Promise<void> => {
  if ((await labNamespaces()).includes(handNamespace)) return fail('a lab is up already; end it with test/lab/down');
  const count = z.coerce.number().int().min(1).max(9).safeParse(nodes);
  const layout = z.enum(['two', 'one']).safeParse(bridges);
  if (!count.success || !layout.success)
    return fail('usage: test/lab/up [NODES [two|one]]   NODES from 1 to 9; one: both subnets on one bridge');
  const message = await missing();
  if (message !== null) return fail(message);
  const state = await timed('lab started', () => start({ nodes: count.data, bridges: layout.data }, handNamespace, false));
  await mkdir(cacheFolder(), { recursive: true });
  await writeFile(file(), JSON.stringify(state, null, 2));
  tell(state);
};

const down = async (): Promise<void> => {
  const state = await read();
  if ((await labNamespaces()).includes(handNamespace)) await endNamespace(handNamespace);
  if (state) await rm(state.place.folder, { recursive: true, force: true });
  await rm(file(), { force: true });
};

const vm = async (what = '', name = '', side = ''): Promise<void> => {
  const lab = open(await running());
  if (what === 'move' && (side === 'a' || side === 'b' || side === 'nowhere')) return lab.moveVm(name, side);
  if (what === 'cut') return lab.cutPower(name);
  if (what === 'start') return lab.startVm(name);
  if (what === 'reset' || what === 'power-cycle') return lab.resetVm(name, what);
  return fail('usage: test/lab/vm move NODE a|b|nowhere   test/lab/vm reset|power-cycle|cut|start NODE');
};

const within = async (...command: readonly string[]): Promise<void> => {
  const { place, account } = await running();
  const [program, ...args] = inNetns(place.netns, command.length > 0 ? command : ['bash']);
  const { status } = spawnSync(program, args, {
    cwd: account.folder,
    env: { ...process.env, ...account.env, TERM: process.env['TERM'] ?? 'dumb' },
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
};

const [what, ...words] = process.argv.slice(2);
const commands: Readonly<Record<string, (...words: string[]) => Promise<void>>> = { up, down, vm, in: within };
const command = commands[what ?? ''];
if (command) await command(...words);
else fail('usage: test/lab/up, test/lab/in, test/lab/vm, test/lab/down');
