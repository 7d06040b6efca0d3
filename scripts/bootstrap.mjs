// Makes a fresh clone ready: packages, a redis-server, dist/. Runs before `npm start` and `npm test`; a second run takes well under a second.
// Plain JavaScript with nothing but node: imports, because on a fresh clone it runs under the machine's own Node (18 or newer), before the
// Node 24 that drover brings along is there. npm puts node_modules/.bin first in PATH before each script, so that what follows runs under that.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const say = (line) => process.stderr.write(`drover: ${line}\n`);

const run = (command, args) => {
  // stdout of the tools goes to stderr: what `npm start` itself prints stays clean
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) say(`${command} cannot be started: ${error.message}`);
  return status === 0;
};

const find = (name, folders = [bin, ...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin']) =>
  folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });

/** Installs the packages of the lock file, unless a stamp says that exactly these are there. */
const installPackages = () => {
  const stamp = join(root, 'node_modules', '.bootstrap');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('installing packages (npm ci), once for this package-lock.json');
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const done = npm?.endsWith('.js') ? run(process.env.npm_node_execpath ?? process.execPath, [npm, ...args]) : run('npm', args);
  if (!done) {
    say('npm ci failed; its own words are above. Is the package registry reachable from here?');
    process.exit(5);
  }
  if (!existsSync(join(bin, 'node'))) {
    const missing = `no Node 24 came with the packages: drover brings one for Linux on x64 and arm64, and this is ${process.platform} on ${process.arch}`;
    if (Number(process.versions.node.split('.')[0]) < 24) {
      say(`${missing}; install Node 24 or newer and run this again`);
      process.exit(5);
    }
    symlinkSync(process.execPath, join(bin, 'node'));
  }
  writeFileSync(stamp, lock);
};

/**
 * Sees to it that `redis-server` can be found by npm's scripts and by bin/drover.
 *
 * drover starts its own, private one; a system service on port 6379 that nobody asked for must not appear. Debian's package `redis-server`
 * enables and starts one, while `redis-tools` holds the very same program under the name redis-check-rdb, which becomes the server when it
 * is called redis-server. So that package is installed, and the name is a link in node_modules/.bin. On Fedora and EL the package starts nothing.
 */
const provideRedis = () => {
  if (process.env.REDIS_URL || find('redis-server')) return;
  const link = () => {
    const program = find('valkey-server') ?? find('redis-check-rdb');
    if (!program) return false;
    const path = join(bin, 'redis-server');
    rmSync(path, { force: true });
    symlinkSync(program, path);
    return true;
  };
  if (link()) return;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && find('apt-get')) {
    say('installing redis (apt-get install redis-tools; no service is started)');
    process.env.DEBIAN_FRONTEND = 'noninteractive';
    const install = ['install', '-y', '-qq', '--no-install-recommends', 'redis-tools'];
    if (run('apt-get', install) || (run('apt-get', ['update', '-qq']) && run('apt-get', install))) if (link()) return;
  } else if (isRoot && find('dnf')) {
    say('installing redis (dnf install redis; no service is started)');
    if (run('dnf', ['install', '-y', '-q', 'redis']) || run('dnf', ['install', '-y', '-q', 'valkey']))
      if (find('redis-server') || link()) return;
  }
  say('redis-server is missing: install it (apt install redis-server, dnf install redis or valkey), or set REDIS_URL to one that runs');
};

/** Compiles to dist/, and makes single files of some packages there; incremental, so that it costs little when nothing changed. */
const build = () => {
  const node = find('node') ?? process.execPath;
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (run(node, [tsc, '-p', 'tsconfig.build.json']) && run(node, [join(root, 'scripts', 'bundle.mjs')])) return;
  say('the build failed; the errors of the compiler are above');
  process.exit(5);
};

installPackages();
provideRedis();
build();
