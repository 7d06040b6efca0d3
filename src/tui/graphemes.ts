const segmenter = new Intl.Segmenter();

/** The characters of a text as people count them: what is typed and taken back as one. */
export const graphemes = (text: string): readonly string[] => Array.from(segmenter.segment(text), ({ segment }) => segment);
