import {
  type Application,
  type ApplicationText,
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  formatMessageForArgumentScannerError,
  run,
  text_en,
} from '@stricli/core';
import { type Cli, processCli } from './context.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import { type HelpGroup, rootHelp, tagline } from './help.ts';
import { report } from './report.ts';
import { fleetRoutes } from './routes/fleet.ts';
import { lookRoutes } from './routes/look.ts';
import { sayRoutes } from './routes/say.ts';
import { workRoutes } from './routes/work.ts';

const near = (corrections: readonly string[]): string =>
  corrections.length === 0 ? '' : `; did you mean ${corrections.map((word) => word.replaceAll('`', '')).join(' or ')}?`;

const argumentError = (error: unknown): string => {
  if (!(error instanceof ArgumentScannerError)) return report(error, false).text;
  const words = formatMessageForArgumentScannerError(error, {
    FlagNotFoundError: ({ input, corrections }) =>
      `there is no flag --${input.replace(/^--/, '')}${near(corrections.map((name) => `--${name.replace(/^--/, '')}`))}`,
    AliasNotFoundError: ({ input }) => `there is no flag -${input}`,
    ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, input, exception }) =>
      `${JSON.stringify(input)} cannot be used for ${name}: ${exception instanceof Error ? exception.message : String(exception)}`,
    EnumValidationError: ({ externalFlagName, input, values }) => `--${externalFlagName} is ${values.join(' or ')}, not ${input}`,
    UnsatisfiedFlagError: ({ externalFlagName }) => `--${externalFlagName} needs a value`,
    UnexpectedFlagError: ({ externalFlagName, previousInput, input }) =>
      `--${externalFlagName} was given twice: ${previousInput} and ${input}`,
    UnexpectedPositionalError: ({ expectedCount, input }) => `${input} is one argument too many: there are ${expectedCount} at most`,
    UnsatisfiedPositionalError: ({ placeholder, limit }) => `${placeholder.split(' ')[limit?.[1] ?? 0] ?? placeholder} is missing`,
  });
  return `drover: ${words}; --help behind the command shows what it takes`;
};

const textFor = (debug: boolean): ApplicationText => {
  const told = (error: unknown): string => report(error, debug).text;
  return {
    ...text_en,
    briefs: { ...text_en.briefs, help: 'Prints this', version: 'Prints the version' },
    noCommandRegisteredForInput: ({ input, corrections }) =>
      `drover: there is no command ${input}${near(corrections)}; drover --help lists them`,
    exceptionWhileParsingArguments: argumentError,
    exceptionWhileLoadingCommandFunction: told,
    exceptionWhileLoadingCommandContext: told,
    exceptionWhileRunningCommand: told,
    commandErrorResult: told,
  };
};

const groups: readonly HelpGroup[] = [
  { title: 'Work on nodes', routes: workRoutes },
  { title: 'Look', routes: lookRoutes },
  { title: 'Say something to a run', routes: sayRoutes },
  { title: 'The fleet', routes: fleetRoutes },
].map(({ title, routes }) => ({ title, commands: Object.entries(routes).map(([name, { brief }]) => [name, brief]) }));

/** The command line as stricli knows it; what a command does is loaded when it is called. */
export const droverApp = (debug: boolean, color: boolean): Application<Cli> =>
  buildApplication(
    buildRouteMap({
      routes: { ...workRoutes, ...lookRoutes, ...sayRoutes, ...fleetRoutes },
      docs: { brief: tagline },
    }),
    {
      name: 'drover',
      scanner: { caseStyle: 'allow-kebab-for-camel' },
      documentation: {
        caseStyle: 'convert-camel-to-kebab',
        useAliasInUsageLine: false,
        onlyRequiredInUsageLine: true,
        disableAnsiColor: !color,
      },
      localization: { text: textFor(debug) },
      determineExitCode: (error) => report(error, debug).exitCode,
    },
  );

/** stricli's own codes are negative; what the user typed is 2, the rest is ours. */
const ours = (code: number, chosen: ExitCode | undefined): number => {
  if (code === 0) return chosen ?? exitCodes.done;
  if (code === -4 || code === -5) return exitCodes.usage;
  return code > 0 ? code : exitCodes.trouble;
};

/** Runs one command line to its end and tells the exit code. */
export const runCommandLine = async (words: readonly string[]): Promise<number> => {
  const { cli, exitCode } = processCli();
  const debug = (cli.env['DROVER_DEBUG'] ?? '') !== '';
  const failed = (error: unknown): never => {
    const { text, exitCode: code } = report(error, debug);
    process.stderr.write(`${text}\n`);
    process.exit(code);
  };
  process.on('uncaughtException', failed);
  process.on('unhandledRejection', failed);
  const [first, ...rest] = words;
  const asksForHelp = first === undefined || first === '--help' || first === '-h' || (first === 'help' && rest.length === 0);
  if (asksForHelp) {
    cli.stdout.write(rootHelp(groups));
    return exitCodes.done;
  }
  const inputs = first === 'help' ? [...rest, '--help'] : words;
  const own: Cli['process'] & { exitCode?: number | string | null; readonly env: Cli['env'] } = {
    stdout: process.stdout,
    stderr: process.stderr,
    env: {},
  };
  await run(droverApp(debug, (cli.env['NO_COLOR'] ?? '') === ''), inputs, { ...cli, process: own });
  return ours(Number(own.exitCode ?? 0), exitCode());
};
