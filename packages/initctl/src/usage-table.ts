import { cellsOf, fitCells, padCells, padCellsBefore, printable } from './cells.js';
import { type Paint, stateColour } from './colours.js';
import { SORT_KEYS, type SortKey, sortRows, type UsageRow } from './usage-sample.js';

const UNITS = ['B', 'K', 'M', 'G', 'T', 'P'] as const;

/** `512B`, `1.7M`, `23G`. */
export const bytesText = (bytes: number): string => {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)}${UNITS[unit]}`;
};

/** `M:SS.cc`, as top(1) has it. */
const cpuTimeText = (seconds: number): string => {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - minutes * 60).toFixed(2).padStart(5, '0')}`;
};

const nameOf = ({ job, instance }: UsageRow): string => printable(instance === '' ? job : `${job} (${instance})`);

interface Column {
  readonly title: string;
  readonly cells: number;
  readonly sortedBy?: SortKey;
  readonly text: (row: UsageRow) => string;
}

const NUMBERS: readonly Column[] = [
  { title: 'PROCS', cells: 5, sortedBy: 'processes', text: ({ processes }) => String(processes) },
  { title: 'MEMORY', cells: 6, sortedBy: 'memory', text: ({ memoryBytes }) => bytesText(memoryBytes) },
  { title: '%CPU', cells: 6, sortedBy: 'cpu', text: ({ cpuPercent }) => cpuPercent?.toFixed(1) ?? '-' },
  { title: 'TIME', cells: 9, sortedBy: 'time', text: ({ cpuSeconds }) => cpuTimeText(cpuSeconds) },
];

const STATE_CELLS = 'start/security-spawning'.length;
const SHORTEST_STATE = 'start/running'.length;
const NARROWEST_NAME = 8;

const NUMBER_CELLS = NUMBERS.reduce((sum, { cells }) => sum + cells + 1, 0);

/** How the table is drawn. */
export interface TableLook {
  readonly columns: number;
  readonly sort: SortKey;
  readonly paint: Paint;
  /** In the place of what was cut. */
  readonly mark: string;
}

/** A line of titles and one for each row, none wider than the screen. */
export const usageLines = (rows: readonly UsageRow[], { columns, sort, paint, mark }: TableLook): string[] => {
  const room = columns - NUMBER_CELLS - 1;
  const stateCells = room - STATE_CELLS >= 2 * NARROWEST_NAME ? STATE_CELLS : SHORTEST_STATE;
  const widest = Math.max(NARROWEST_NAME, ...rows.map((row) => cellsOf(nameOf(row))));
  const nameCells = Math.min(widest, Math.max(NARROWEST_NAME, room - stateCells - 1));
  const title = ({ title: text, cells, sortedBy }: Column): string => {
    const shown = padCellsBefore(text, cells);
    return sortedBy === sort ? paint('inverse', shown) : paint('bold', shown);
  };
  const first = sort === 'name' ? paint('inverse', 'JOB') : paint('bold', 'JOB');
  const titles = [padCells(first, nameCells), padCells(paint('bold', 'STATE'), stateCells), ...NUMBERS.map(title)];
  return [
    titles.join(' '),
    ...sortRows(rows, sort).map((row) => {
      const state = padCells(fitCells(`${row.goal}/${row.state}`, stateCells, mark), stateCells);
      const cells = [
        padCells(fitCells(nameOf(row), nameCells, mark), nameCells),
        paint(stateColour(row.goal, row.state), state),
        ...NUMBERS.map(({ text, cells }) => padCellsBefore(text(row), cells)),
      ];
      return cells.join(' ').trimEnd();
    }),
  ];
};

/** What keys do, for the last line. */
export const keyHelp = (): string =>
  `q quit   sort by ${(Object.keys(SORT_KEYS) as SortKey[]).map((key) => `${SORT_KEYS[key]} ${key}`).join('  ')}`;
