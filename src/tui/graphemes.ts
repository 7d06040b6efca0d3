// made when it is needed: that takes its time, and the first frame has none to lose
let segmenter: Intl.Segmenter | undefined;

/** The characters of a text as people count them: what is typed and taken back as one. */
export const graphemes = (text: string): readonly string[] => {
  segmenter ??= new Intl.Segmenter();
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
};
