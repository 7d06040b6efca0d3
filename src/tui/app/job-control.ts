/** After that long without having been stopped, nobody can stop us: there is no shell that could start us again. */
const NOT_STOPPED_MS = 250;

/**
 * Stops this process and its group, as Ctrl-Z does where nobody reads keys himself; resolves when it goes on.
 *
 * The whole group, because a shell takes its terminal back only when what it started itself has stopped (npm, for `npm start`). By SIGTSTP, because
 * the kernel drops that for a group that no shell watches, where a SIGSTOP would be for ever.
 */
export const stopUntilContinued = (): Promise<void> =>
  new Promise((resolve) => {
    const goOn = (): void => {
      clearTimeout(unless);
      process.off('SIGCONT', goOn);
      resolve();
    };
    process.on('SIGCONT', goOn);
    const unless = setTimeout(goOn, NOT_STOPPED_MS);
    process.kill(0, 'SIGTSTP');
  });
