/** Where a key moves a cursor among `count` things, `page` of which are in sight; undefined when the key moves nothing. The keys are vim's. */
export const moved = (name: string, at: number, count: number, page: number): number | undefined => {
  const to = ((): number | undefined => {
    switch (name) {
      case 'j':
      case 'down':
        return at + 1;
      case 'k':
      case 'up':
        return at - 1;
      case 'ctrl+d':
        return at + Math.ceil(page / 2);
      case 'ctrl+u':
        return at - Math.ceil(page / 2);
      case 'ctrl+f':
      case 'pagedown':
        return at + page;
      case 'ctrl+b':
      case 'pageup':
        return at - page;
      case 'g':
      case 'home':
        return 0;
      case 'G':
      case 'end':
        return count - 1;
      default:
        return undefined;
    }
  })();
  return to === undefined ? undefined : Math.min(Math.max(0, to), Math.max(0, count - 1));
};
