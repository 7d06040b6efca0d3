import type { Scene } from '../sim/incidents/incident.ts';
import type { Sim } from '../sim/index.ts';
import { table } from '../words/text.ts';

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');

const play = async (sim: Sim, scene: Scene): Promise<string> => {
  if ('say' in scene) return `${scene.say}\n`;
  if ('pods' in scene) {
    const rows = sim.api.pods(scene.pods).map(({ namespace, name, status, restarts }) => [namespace, name, status, String(restarts)]);
    const lines = table([['NAMESPACE', 'NAME', 'STATUS', 'RESTARTS'], ...rows]);
    return `$ kubectl get pods -A --field-selector spec.nodeName=${scene.pods}\n${indented(lines.join('\n'))}\n`;
  }
  if ('reboot' in scene) {
    const up = await sim.console(scene.on).restarted();
    return `${scene.on}# systemctl reboot\n${up ? '' : '  it does not come up\n'}`;
  }
  const { text, exitCode } = await sim.console(scene.on).typed(scene.run);
  const end = exitCode === 0 ? '' : `  (exit code ${exitCode ?? 'unknown: it was cut off'})\n`;
  return `${scene.on}# ${scene.run}\n${text === '' ? '' : `${indented(text.trimEnd())}\n`}${end}`;
};

/** Plays scenes on a simulated fleet, one after another, as a transcript of terminals; none begins behind an abort. */
export const playScenes = async (
  sim: Sim,
  scenes: readonly Scene[],
  write: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> => {
  for (const scene of scenes) {
    if (signal?.aborted === true) return;
    write(await play(sim, scene));
  }
};
