import { arch, cpus, loadavg, release, totalmem } from 'node:os';

/** What the figures depend on. */
export const machineFacts = () => ({
  node: process.version,
  arch: arch(),
  kernel: release(),
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? 'unknown',
  memoryMiB: Math.round(totalmem() / 2 ** 20),
  loadAverage: loadavg()[0],
});

export const factsLine = ({ node, arch, kernel, cores, cpu, memoryMiB, loadAverage }) =>
  `Node ${node} ${arch}, Linux ${kernel}, ${cores} × ${cpu}, ${memoryMiB} MiB, load ${loadAverage.toFixed(1)}`;

/** Milliseconds, or whatever is measured, with as many digits as mean something. */
export const ms = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(1));

/** What one run of A comes to for each file and each second, at its best. */
const workCells = ({ work, subject }) =>
  work === undefined
    ? []
    : [ms((subject.min * 1000) / work.files), (work.bytes / 1e6 / (subject.min / 1000)).toPrecision(3)];

const cells = (row) => [...resultCells(row), ...workCells(row)];

const resultCells = ({ label, subject, reference, ratio, rounds }) => [
  label,
  ms(subject.min),
  ms(subject.median),
  ms(reference.min),
  ms(reference.median),
  ratio.toFixed(2),
  String(rounds),
];

/** Rows of cells as lines: the first column to the left, the others to the right. */
export const align = (table) => {
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '),
  );
};

const WORK_HEAD = ['A µs/file', 'A MB/s'];

/** The rows of one case as a table, with a line that says what A and B are. */
export const tableText = (rows) => {
  const [{ subject, reference, work }] = rows;
  const head = ['', 'A min', 'A median', 'B min', 'B median', 'A/B', 'rounds', ...(work ? WORK_HEAD : [])];
  return [`A: ${subject.name}`, `B: ${reference.name}`, ...align([head, ...rows.map(cells)])].join('\n');
};
