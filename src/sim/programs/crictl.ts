import { openTable, restoreFailure } from '../node/iptables.ts';
import { type Program, unknown } from './program.ts';

/** What istio-init brings: an iptables of its own, which writes by the legacy backend. */
const PROXY = { backend: 'legacy', version: '1.8.7', both: true, puts: { nf_tables: [], legacy: [] } } as const;

/** crictl(1), as far as `crictl logs istio-init`: what the init container says when it writes its rules on this node now. */
export const crictl: Program = (call) => {
  if (call.args.join(' ') !== 'logs istio-init') return unknown(call, 'crictl');
  if (openTable(call.machine, 'legacy', 'nat', false)) {
    call.out('iptables-restore --noflush /tmp/iptables-rules\niptables-save\n');
    return 0;
  }
  const { code, text } = restoreFailure(PROXY, 'legacy', 'nat', 1);
  call.out(`iptables-restore --noflush /tmp/iptables-rules\n${text}Failed to execute: iptables-restore --noflush, exit status ${code}\n`);
  return 0;
};
