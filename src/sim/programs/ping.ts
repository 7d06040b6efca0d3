import { liveAddresses } from '../node/network.ts';
import { type Program, type Running, options, unknown } from './program.ts';

/** ping(8), quietly: whether a machine answers at an address. Two questions 0.2 s apart, and a second of patience. */
export const ping: Program = function* (call): Running {
  const { flags, rest } = options(call.args, ['-c', '-i', '-W']);
  const [address, ...others] = rest;
  if (address === undefined || others.length > 0 || !flags.has('-q')) return unknown(call, 'ping');
  const { machine } = call;
  const gateways = [...machine.network.live.values()].map(({ gateway }) => gateway);
  const there = [...liveAddresses(machine.network), ...gateways, '127.0.0.1'].includes(address) || machine.hears(address);
  yield there ? machine.timings.silenceMs / 6 : machine.timings.silenceMs;
  return there ? 0 : 1;
};
