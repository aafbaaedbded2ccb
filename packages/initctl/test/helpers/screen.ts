import xterm from '@xterm/headless';

/** A character of the screen, with what it is drawn with. */
interface Cell {
  readonly text: string;
  /** The number of a colour of the palette; `undefined`: the terminal's own. */
  readonly foreground: number | undefined;
  readonly background: number | undefined;
  /** A colour that no palette of light or dark themes can adapt. */
  readonly isFixedColour: boolean;
}

/** What a person sees. */
export interface Screen {
  /** Lines as they are drawn, without blanks at the end. */
  readonly lines: readonly string[];
  /** The lines that only go on what the line before had no room for. */
  readonly wrapped: readonly number[];
  readonly cells: readonly Cell[];
  /** The column at which a text begins on a line, counted in cells. */
  columnOf(line: number, text: string): number;
}

const ENOUGH_ROWS = 200;

/**
 * Show what a program wrote to its terminal, as xterm.js does.
 * @param rows of an endless terminal by default, so that nothing scrolls away
 */
export const drawScreen = async (
  written: string,
  { columns, rows = ENOUGH_ROWS }: { readonly columns: number; readonly rows?: number },
): Promise<Screen> => {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  await new Promise<void>((resolve) => terminal.write(written, resolve));
  const { active } = terminal.buffer;
  const drawn = Array.from({ length: active.length }, (_, index) => active.getLine(index)).filter(
    (line) => line !== undefined,
  );
  const lines = drawn.map((line) => line.translateToString(true));
  while (lines.at(-1) === '') lines.pop();
  const cells = drawn.flatMap((line) =>
    Array.from({ length: columns }, (_, column) => line.getCell(column)).flatMap((cell) =>
      cell === undefined || cell.getChars().trim() === ''
        ? []
        : {
            text: cell.getChars(),
            foreground: cell.isFgPalette() ? cell.getFgColor() : undefined,
            background: cell.isBgPalette() ? cell.getBgColor() : undefined,
            isFixedColour: cell.isFgRGB() || cell.isBgRGB(),
          },
    ),
  );
  return {
    lines,
    wrapped: drawn.flatMap((line, index) => (line.isWrapped ? [index] : [])),
    cells,
    columnOf: (index, text) => {
      const line = drawn[index];
      if (line === undefined) return -1;
      for (let column = 0; column < columns; column++) {
        if (line.translateToString(true, column).startsWith(text)) return column;
      }
      return -1;
    },
  };
};
