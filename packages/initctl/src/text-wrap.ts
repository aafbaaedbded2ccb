/** How many columns a text takes. */
type Measure = (text: string) => number;

/** Of plain ASCII, as help texts are. */
const lengthOf: Measure = (text) => text.length;

/**
 * Break text at blanks so that no line is wider than `width`, as far as its words allow. Newlines in the text stay.
 * @param hangingIndent blanks before every line but a paragraph's first
 * @param measure default: a column for each code unit
 */
export const wrapText = (text: string, width: number, hangingIndent = 0, measure = lengthOf): string[] =>
  text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, width, ' '.repeat(hangingIndent), measure));

const wrapParagraph = (paragraph: string, width: number, indent: string, measure: Measure): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (measure(longer) <= width || line.trim() === '') {
      line = longer;
    } else {
      lines.push(line.trimEnd());
      line = indent + word;
    }
  }
  return [...lines, line];
};

/**
 * The width to fill: `COLUMNS`, else the terminal's, else 80.
 * @param terminalColumns the width of the terminal that standard output is, if it is one
 */
export const screenWidth = (columns: string | undefined, terminalColumns: number | undefined): number => {
  const wanted = /^\d+$/.test(columns ?? '') ? Number(columns) : 0;
  return wanted || terminalColumns || 80;
};
