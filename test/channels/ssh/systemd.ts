import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { program } from './shell.ts';

/**
 * Stand-ins for systemd-run(1) and systemctl(1) in front of PATH, where the tests have no systemd: a unit is a session of processes.
 *
 * @returns the environment in which a shell finds them
 */
export const standInSystemd = (root: { readonly path: string }, tools = join(root.path, 'tools')): NodeJS.ProcessEnv => {
  const units = join(root.path, 'units');
  mkdirSync(join(root.path, 'run/systemd/system'), { recursive: true });
  mkdirSync(units);
  program(
    tools,
    'systemd-run',
    `while :; do case $1 in --unit=*) unit=\${1#--unit=}; shift ;; --*) shift ;; *) break ;; esac; done
printf '%s\\n' "$*" >>'${root.path}/systemd-run.log'
setsid sh -c 'echo $$ >"$0"; exec "$@"' '${units}'/"$unit" "$@" </dev/null >/dev/null 2>&1 &
until [ -s '${units}'/"$unit" ]; do sleep 0.01; done`,
  );
  program(
    tools,
    'systemctl',
    `for last; do :; done
if ! read -r session <'${units}'/"\${last%.service}"; then session=0; fi 2>/dev/null
lives() { [ "$session" != 0 ] && ps -o stat= -s "$session" | grep -qv '^Z'; }
case $1 in
  start) : >'${units}'/"started-$last" ;;
  stop) rm -f '${units}'/"started-$last" ;;
  is-active) if [ -e '${units}'/"started-$last" ]; then echo active; elif lives; then echo active; else echo inactive; exit 3; fi ;;
  kill) if lives; then pkill "-\${2#--signal=SIG}" -s "$session"; fi ;;
esac`,
  );
  return { ...process.env, PATH: `${tools}:${process.env['PATH'] ?? ''}` };
};
