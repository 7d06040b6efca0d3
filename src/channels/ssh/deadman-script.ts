import { DEADMAN_DECISION } from './deadman-decision.ts';
import { DEADMAN_DEEDS } from './deadman-deeds.ts';
import { DEADMAN_LOOKS } from './deadman-looks.ts';
import { DEADMAN_STATE } from './deadman-state.ts';
import { FILES_LIBRARY } from './library-files.ts';

const HEAD = `# drover's guard of an address move, POSIX sh; runs as a unit of its own at every boot until it is disarmed
DROVER_ROOT=\${DROVER_ROOT-} DROVER_RUN_DIR=
DROVER_HOME=$DROVER_ROOT/var/lib/drover
LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
export LC_ALL PATH
drover_say() { printf 'drover: %s\\n' "$*" >&2; }
`;

/** All functions of the guard's script, without the call that starts it. */
export const DEADMAN_FUNCTIONS = [HEAD, FILES_LIBRARY, DEADMAN_STATE, DEADMAN_DECISION, DEADMAN_LOOKS, DEADMAN_DEEDS].join('');

/** The guard's script as it lies on the node; its word is the run. */
export const DEADMAN_SCRIPT = `${DEADMAN_FUNCTIONS}\ndeadman_main "$1"\n`;
