import { type Program, options, unknown } from './program.ts';

/** dpkg-query(1): -W with -f; exit code 1 when a package is unknown. */
export const dpkgQuery: Program = (call) => {
  const { flags, rest } = options(call.args, ['-f', '--showformat']);
  if (!flags.has('-W') && !flags.has('--show')) return unknown(call, 'dpkg-query');
  const format = (flags.get('-f') ?? flags.get('--showformat'))?.[0]?.replace(/^=/, '') ?? '${Package}\\t${Version}\\n';
  let status = 0;
  for (const name of rest.length > 0 ? rest : call.machine.packages.installed.keys()) {
    const found = call.machine.packages.installed.get(name);
    if (!found) {
      call.err(`dpkg-query: no packages found matching ${name}\n`);
      status = 1;
      continue;
    }
    const fields: Readonly<Record<string, string>> = {
      Package: name,
      Version: found.version,
      Architecture: found.arch,
      'db:Status-Status': 'installed',
      'db:Status-Abbrev': 'ii ',
      Status: 'install ok installed',
    };
    call.out(
      format
        .replace(/\$\{([\w:-]+)(;-?\d+)?\}/g, (_, field: string) => fields[field] ?? '')
        .replaceAll('\\n', '\n')
        .replaceAll('\\t', '\t'),
    );
  }
  return status;
};
