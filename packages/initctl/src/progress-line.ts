import { cutMark, fitCells, printable } from './cells.js';
import type { CommandContext } from './command.js';
import { durationText } from './duration.js';
import type { ProgressSubject } from './progress.js';
import { untilInterrupted } from './terminal-guard.js';

const SECOND = 1000;
const CLEAR_LINE = '\r\x1b[K';

/** The number of the newest event of this name that the journal has. */
const eventNumber = async ({ upstart }: ProgressSubject, name: string): Promise<number | undefined> => {
  const lines = await upstart.init1.journal({ what: 'event-queued', lines: 100 });
  const events = lines.map((line) => JSON.parse(line) as { readonly event?: number; readonly name?: string });
  return events.findLast((event) => event.name === name)?.event;
};

/** Why it takes so long: all that the daemon says behind its first sentence, which is what is known already. */
const reasonFor = async (subject: ProgressSubject): Promise<string> => {
  const { upstart } = subject;
  if ('event' in subject) {
    const event = await eventNumber(subject, subject.event);
    return event === undefined ? '' : (await upstart.init1.explainEvent(event)).sentences.join(' ');
  }
  const { sentences } = await upstart.init1.explain(subject.reference.job);
  const waits = sentences.filter((sentence) => /\bwaits for\b/.test(sentence));
  return (waits.length > 0 ? waits : sentences.slice(0, 1)).join(' ');
};

/**
 * Keep a line on standard error that says what is waited for, since when and why.
 * @param forMs how long it has been waited for already
 * @returns what takes the line away
 */
export const showProgress = (
  { columns, env, writeRaw }: Pick<CommandContext, 'columns' | 'env' | 'writeRaw'>,
  subject: ProgressSubject,
  what: string,
  forMs: number,
): (() => void) => {
  const begin = performance.now() - forMs;
  const mark = cutMark(env);
  let reason = '';
  let over = false;
  const draw = (): void => {
    if (over) return;
    const time = durationText(Math.floor((performance.now() - begin) / SECOND) * SECOND);
    const text = [`${what}: waiting for ${time}`, ...(reason === '' ? [] : [reason])].join('. ');
    writeRaw(2, CLEAR_LINE + fitCells(printable(text), columns() - 1, mark));
  };
  const look = async (): Promise<void> => {
    // A daemon that can not tell, or is gone: the line says how long, and the command what is wrong.
    reason = await reasonFor(subject).catch(() => '');
    draw();
  };
  const end = (): void => {
    if (over) return;
    over = true;
    clearInterval(timer);
    release();
    writeRaw(2, CLEAR_LINE);
  };
  const release = untilInterrupted(end);
  draw();
  void look();
  const timer = setInterval(() => void look(), SECOND);
  return end;
};
