import type { JournalQuery, UpstartClient } from '@maverick/dbus/client';
import type { JournalFilter, JournalLine } from '@maverick/engine';
import type { CommandContext, CommandHandler } from '../command.js';
import { sessionOfJournal } from '../daemon-session.js';
import { InitctlError } from '../errors.js';
import { bootOption, noSuchBoot } from '../history-source.js';
import { isGone } from '../instance-status.js';
import { type JournalPlace, journalPlace } from '../journal-place.js';
import { spanOptions } from '../journal-time.js';
import { JOURNAL_KINDS, journalText } from '../journal-words.js';
import { numberOption, WHOLE } from '../numbers.js';
import type { OptionKey } from '../option.js';

const DEFAULT_LINES = 100;
/** As many as a daemon has at hand for clients, and more. */
const MOST_LINES = 10_000;
/** So many lines are written at once. */
const BATCH = 512;

/** What is asked for. */
interface Wish {
  readonly filter: JournalFilter;
  /** Only the newest; undefined: all that fit. */
  readonly lines: number | undefined;
  readonly boot: number | undefined;
  readonly follows: boolean;
}

const FILTERS = { job: 'of-job', what: 'what', event: 'event' } as const satisfies Partial<
  Record<keyof JournalFilter, OptionKey>
>;

/** No line would ever be of a kind that there is not: a slip, and not nothing to be shown. */
const checkKind = (value: string | undefined): void => {
  if (value === undefined || JOURNAL_KINDS.includes(value)) return;
  throw new InitctlError('illegal-choice', { option: '--what', value, choices: JOURNAL_KINDS.join(', ') });
};

const filterOf = async ({ options, machine }: CommandContext): Promise<JournalFilter> => {
  checkKind(options.get('what'));
  const { now } = await machine();
  const given = {
    ...Object.fromEntries(Object.entries(FILTERS).map(([name, key]) => [name, options.get(key)])),
    session: sessionOfJournal(options),
    ...spanOptions(options, now),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
};

/** A span is shown whole; without one it is the newest lines that are wanted. */
const wishOf = async (context: CommandContext): Promise<Wish> => {
  const filter = await filterOf(context);
  const boot = bootOption(context);
  const hasSpan = boot !== undefined || filter.since !== undefined || filter.until !== undefined;
  const lines = numberOption(context.options, 'lines', WHOLE) ?? (hasSpan ? undefined : DEFAULT_LINES);
  return { filter, lines, boot, follows: context.options.has('follow') };
};

/** Writes lines, many at once: each as the JSON that it is, or for people. */
class Printer {
  readonly #context: CommandContext;
  #texts: string[] = [];
  #isEmpty = true;

  constructor(context: CommandContext) {
    this.#context = context;
  }

  /** No line came so far. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  line(line: JournalLine): void {
    this.#isEmpty = false;
    this.#texts.push(this.#context.options.has('json') ? JSON.stringify(line) : journalText(line));
    if (this.#texts.length === BATCH) this.flush();
  }

  flush(): void {
    if (this.#texts.length > 0) this.#context.output.message(this.#texts.join('\n'));
    this.#texts = [];
  }
}

const queryOf = ({ filter, lines }: Wish): JournalQuery => ({ ...filter, lines: lines ?? MOST_LINES });

const printFromDaemon = async (upstart: UpstartClient, wish: Wish, printer: Printer): Promise<void> => {
  const { init1 } = upstart;
  const texts = wish.follows ? init1.followJournal(queryOf(wish)) : await init1.journal(queryOf(wish));
  for await (const text of texts) {
    printer.line(JSON.parse(text));
    if (wish.follows) printer.flush();
  }
};

const printFromFiles = async (dir: string, { filter, lines, boot }: Wish, printer: Printer): Promise<void> => {
  const { journalLines, linesOfBoot, readJournal } = await import('@maverick/graph');
  if (boot === undefined) {
    const found = lines === undefined ? journalLines(dir, filter) : readJournal(dir, lines, filter);
    for (const line of found) printer.line(line);
    return;
  }
  const ofBoot = linesOfBoot(dir, boot, filter);
  for (const line of lines === undefined ? ofBoot : [...ofBoot].slice(-lines || Number.POSITIVE_INFINITY)) {
    printer.line(line);
  }
};

/** What is written from now on, until the program is ended. */
const followFiles = async (dir: string, { filter }: Wish, printer: Printer): Promise<never> => {
  const { followJournal } = await import('@maverick/graph');
  return new Promise((_, reject) => {
    const stop = followJournal(
      dir,
      (line) => {
        try {
          printer.line(line);
          printer.flush();
        } catch (error) {
          stop();
          reject(error);
        }
      },
      filter,
    );
  });
};

const printJournal = async (place: JournalPlace, wish: Wish, printer: Printer): Promise<void> => {
  // Whoever follows a daemon hears it from the daemon: nothing is between what was and what comes.
  const isLive = wish.follows && place.upstart !== undefined && (wish.boot ?? 0) === 0;
  if (place.kind === 'daemon' || isLive) {
    const { upstart } = place;
    if (wish.boot !== undefined && wish.boot !== 0) throw new InitctlError('no-such-boot', { boot: wish.boot });
    if (upstart !== undefined) await printFromDaemon(upstart, wish, printer);
    return;
  }
  await printFromFiles(place.dir, wish, printer);
  printer.flush();
  if (wish.follows && place.upstart === undefined) await followFiles(place.dir, wish, printer);
};

/** `journal`: what has happened, from the journal's files, or from the daemon; with `--follow` also what comes. */
export const journal: CommandHandler = async (context) => {
  const wish = await wishOf(context);
  const printer = new Printer(context);
  try {
    await printJournal(await journalPlace(context, wish.follows), wish, printer);
    printer.flush();
    // A name that is misspelt looks like this, too.
    if (printer.isEmpty && wish.lines !== 0) context.output.error('No line of the journal fits');
  } catch (error) {
    if (isGone(error)) throw new InitctlError('not-this-daemon', { what: 'its journal' }, { cause: error });
    if (error instanceof Error && 'boot' in error && error.name === 'NoSuchBootError') {
      throw noSuchBoot(Number(error.boot), error);
    }
    throw error;
  }
};
