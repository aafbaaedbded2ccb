import type { UpstartClient } from '@maverick/dbus/client';
import { cutMark, fitCells } from '../cells.js';
import { type Paint, painter } from '../colours.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';
import { isGone } from '../instance-status.js';
import { DECIMAL, numberOption } from '../numbers.js';
import { untilInterrupted } from '../terminal-guard.js';
import { isSortKey, SORT_KEYS, type SortKey, sortKeyOf, type UsageRow, UsageSampler } from '../usage-sample.js';
import { bytesText, keyHelp, usageLines } from '../usage-table.js';

/** Another screen, without a cursor; and back to what was there. */
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_TO_LINE_END = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

const DEFAULT_ROWS = 24;
const CONTROL_C = '\x03';

const sortOf = (context: CommandContext): SortKey => {
  const value = context.options.get('sort') ?? 'cpu';
  if (isSortKey(value)) return value;
  throw new InitctlError('illegal-choice', { option: '--sort', value, choices: Object.keys(SORT_KEYS).join(', ') });
};

const take = async (upstart: UpstartClient, sampler: UsageSampler): Promise<UsageRow[]> => {
  try {
    const [uses, jobs] = await Promise.all([upstart.init1.usage(), upstart.list()]);
    return sampler.rows(uses, jobs, performance.now());
  } catch (error) {
    if (isGone(error)) throw new InitctlError('not-this-daemon', { what: 'what jobs use' }, { cause: error });
    throw error;
  }
};

const summary = (rows: readonly UsageRow[]): string => {
  const memory = rows.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  const processes = rows.reduce((sum, row) => sum + row.processes, 0);
  const cpu = rows.reduce((sum, { cpuPercent }) => sum + (cpuPercent ?? 0), 0);
  return `Instances: ${rows.length}, processes: ${processes}, ${bytesText(memory)} of memory, ${cpu.toFixed(1)} % of a processor`;
};

/** The screen while `top` runs. */
class Screen {
  readonly #context: CommandContext;
  readonly #paint: Paint;
  readonly #mark: string;
  #rows: readonly UsageRow[] = [];
  sort: SortKey;

  constructor(context: CommandContext, sort: SortKey) {
    this.#context = context;
    this.sort = sort;
    this.#paint = painter(context.hasColours(1));
    this.#mark = cutMark(context.env);
  }

  show(rows: readonly UsageRow[]): void {
    this.#rows = rows;
    this.draw();
  }

  draw(): void {
    const columns = this.#context.columns();
    const height = process.stdout.rows || DEFAULT_ROWS;
    const table = usageLines(this.#rows, { columns, sort: this.sort, paint: this.#paint, mark: this.#mark });
    const body = [fitCells(summary(this.#rows), columns, this.#mark), '', ...table].slice(0, height - 1);
    while (body.length < height - 1) body.push('');
    const lines = [...body, this.#paint('faint', fitCells(keyHelp(), columns - 1, this.#mark))];
    this.#context.writeRaw(1, HOME + lines.map((line) => line + CLEAR_TO_LINE_END).join('\r\n') + CLEAR_BELOW);
  }
}

/** Samples until a person, or the connection, ends it. */
const live = async (context: CommandContext, upstart: UpstartClient, sort: SortKey, seconds: number): Promise<void> => {
  const screen = new Screen(context, sort);
  const sampler = new UsageSampler();
  const { stdin, stdout } = process;
  context.writeRaw(1, ENTER);
  stdin.setRawMode(true);
  const restore = (): void => {
    stdin.setRawMode(false);
    stdin.pause();
    context.writeRaw(1, LEAVE);
  };
  const release = untilInterrupted(restore);
  const redraw = (): void => screen.draw();
  stdout.on('resize', redraw);
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const look = async (): Promise<void> => {
        try {
          screen.show(await take(upstart, sampler));
          timer = setTimeout(() => void look(), seconds * 1000);
        } catch (error) {
          reject(error);
        }
      };
      stdin.on('data', (bytes: Buffer) => {
        for (const key of bytes.toString('latin1')) {
          if (key === 'q') resolve();
          // In raw mode the terminal makes no signal of it.
          if (key === CONTROL_C) process.kill(process.pid, 'SIGINT');
          screen.sort = sortKeyOf(key) ?? screen.sort;
        }
        screen.draw();
      });
      void upstart.closed.then(() => reject(new InitctlError('connection-lost', {})));
      void look();
    });
  } finally {
    clearTimeout(timer);
    stdout.off('resize', redraw);
    stdin.removeAllListeners('data');
    release();
    restore();
  }
};

const DEFAULT_SECONDS = 2;
const SHORTEST_SECONDS = 0.1;

/** `top`: what each instance uses, live on a terminal, once for a pipe. */
export const top: CommandHandler = async (context) => {
  const sort = sortOf(context);
  const seconds = Math.max(SHORTEST_SECONDS, numberOption(context.options, 'interval', DECIMAL) ?? DEFAULT_SECONDS);
  const upstart = await context.connect();
  if (context.isTerminal(0) && context.isTerminal(1) && !context.options.has('json')) {
    await live(context, upstart, sort, seconds);
    return;
  }
  const rows = await take(upstart, new UsageSampler());
  context.output.answer(
    () => ({ instances: rows }),
    () =>
      usageLines(rows, { columns: context.columns(), sort, paint: painter(false), mark: cutMark(context.env) }).join(
        '\n',
      ),
  );
};
