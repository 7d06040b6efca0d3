import { refusal } from '../channels/kubernetes.ts';
import { ClusterError } from '../core/error.ts';
import type { ClusterChannel, ControlChannel } from '../core/ports.ts';
import { answer } from './cluster/rest.ts';
import type { Releases } from './helm/releases.ts';
import { helm } from './helm/command.ts';
import type { InProcess } from './in-process-exec.ts';

const noQuery = new URLSearchParams();

/** The Kubernetes API of a simulation, reached by function calls; refusals are those that come over HTTP. */
export const inProcessCluster = (sim: InProcess): ClusterChannel => ({
  call: async ({ method, path, body = null }) => {
    const { cluster } = sim.world;
    const what = `${method} ${path} to the cluster sim`;
    if (cluster.down) {
      await sim.clock.sleep(sim.silentMs, new AbortController().signal);
      throw new ClusterError(`${what} failed: nobody answers; see whether the API server can be reached from here`, {
        transient: true,
        detail: { status: null, reason: 'unreachable' },
      });
    }
    const [plain = '', query] = path.split('?');
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const asked = { method, path: plain, query: query === undefined ? noQuery : new URLSearchParams(query), contentType, body };
    const { status, body: said, headers } = answer(cluster, asked, sim.clock.now());
    if (method !== 'GET') sim.turn();
    if (status < 400 || status === 404 || status === 409) return { status, body: said };
    throw refusal(what, { status, text: JSON.stringify(said), retryAfter: headers?.['retry-after'] }, said);
  },
});

/** helm on the controller of a simulation. */
export const inProcessControl = (releases: Releases, sim: InProcess): ControlChannel => ({
  run: async ({ argv }, { signal }) => {
    const [program = '', ...words] = argv;
    const now = sim.clock.now();
    if (program !== 'helm') return { exitCode: 127, stdout: '', stderr: `${program} was not found on the controller\n`, durationMs: 0 };
    const { exitCode, stdout, stderr, waitMs } = helm(releases, words, new Date(now).toISOString(), sim.world.timings.helmMs);
    if (waitMs > 0) await sim.clock.sleep(waitMs, signal);
    return { exitCode, stdout, stderr, durationMs: sim.clock.now() - now };
  },
});
