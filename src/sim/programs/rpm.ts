import { type Program, options, unknown } from './program.ts';

/** rpm(8): `-q NAME…` with --qf; a package that is absent makes the exit code rise by one. */
export const rpm: Program = (call) => {
  const { flags, rest } = options(call.args, ['--qf', '--queryformat']);
  if (![...flags.keys()].some((flag) => flag.startsWith('-q') || flag === '--query')) return unknown(call, 'rpm');
  const format = (flags.get('--qf') ?? flags.get('--queryformat'))?.[0] ?? '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\\n';
  let absent = 0;
  for (const name of flags.has('-qa') ? [...call.machine.packages.installed.keys()] : rest) {
    const found = call.machine.packages.installed.get(name);
    if (!found) {
      call.out(`package ${name} is not installed\n`);
      absent += 1;
      continue;
    }
    const [version = '', release = ''] = found.version.split('-');
    const tags: Readonly<Record<string, string>> = {
      NAME: name,
      VERSION: version,
      RELEASE: release,
      ARCH: found.arch,
      EPOCH: '(none)',
      // what came with the image is a day older than the first boot
      INSTALLTIME: String(Math.floor((found.installedAt ?? call.machine.bootedAt - 86_400_000) / 1000)),
    };
    call.out(
      format
        .replace(/%\{(\w+)\}/g, (_, tag: string) => tags[tag.toUpperCase()] ?? '(none)')
        .replaceAll('\\n', '\n')
        .replaceAll('\\t', '\t'),
    );
  }
  return absent;
};
