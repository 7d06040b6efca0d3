import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';

/** The version in drover's package.json, which stands above this file both in src/ and in dist/. */
const version = (): string => {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const found = /"version":\s*"([^"]+)"/.exec(readFileSync(new URL(up, import.meta.url), 'utf8'));
      if (found?.[1] !== undefined) return found[1];
    } catch {
      // not there: the other one is
    }
  }
  return 'unknown';
};

/** How long what is still open may take to close by itself once the command has ended. */
const LINGER_MS = 500;

const words = process.argv.slice(2);
if (words.length === 1 && (words[0] === '--version' || words[0] === '-v')) {
  process.stdout.write(`${version()}\n`);
} else {
  enableCompileCache();
  const { runCommandLine } = await import('./app.ts');
  const code = await runCommandLine(words);
  process.exitCode = code;
  // connections that try for ever to reach a Redis that is gone keep no command that has ended
  setTimeout(() => process.exit(code), LINGER_MS).unref();
}
