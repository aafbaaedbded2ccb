import type { ConfirmingInfo, HeldStartInfo, Init1Client, UpstartClient } from '@maverick/dbus/client';
import { printable } from '../cells.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';
import { isGone } from '../instance-status.js';
import { refuseMore } from '../operands.js';
import { displayName } from '../outcome.js';
import { spanOption, spanText } from '../time-span.js';

const TIMEOUT_MS = 30_000;

const heldLines = ({ job, instance, reason, remainingMs }: HeldStartInfo): string[] => [
  `${displayName({ job, instance })}${remainingMs > 0 ? `, yes in ${spanText(Math.ceil(remainingMs / 1000) * 1000)}` : ''}`,
  ...reason.map((sentence) => `  ${sentence}`),
];

/** Whether there is stepping, of which jobs, and what becomes of a start that nobody answers. */
const steppingLine = ({ on, jobs, always, timeoutMs }: ConfirmingInfo): string => {
  if (!on) return 'No start waits for a word: stepping is off.';
  const whose = jobs.length === 0 ? 'Each start' : `Each start of ${jobs.join(', ')}`;
  const but = always.length === 0 ? '' : `, but of ${always.join(', ')}`;
  const limit = timeoutMs === 0 ? 'as long as it takes' : `${spanText(timeoutMs)} at most, which means yes`;
  return `${whose}${but} waits for a word, ${limit}.`;
};

/** @param isTold whether it is said in words that there is stepping, or none; as data it always is */
const list = async ({ output }: CommandContext, init1: Init1Client, isTold: boolean): Promise<void> => {
  const [stepping, starts] = await Promise.all([init1.confirming(), init1.heldStarts()]);
  output.answer(
    () => ({
      ...stepping,
      timeoutMs: stepping.on ? stepping.timeoutMs || null : null,
      starts: starts.map(({ remainingMs, ...start }) => ({ ...start, remainingMs: remainingMs || null })),
    }),
    () => [...(isTold ? [steppingLine(stepping)] : []), ...starts.flatMap(heldLines)].map(printable).join('\n'),
  );
};

type Action = (upstart: UpstartClient, words: readonly string[], context: CommandContext) => Promise<void>;

/** The start that is meant: where no job is named, the first that waits. */
const answer =
  (said: 'yes' | 'no' | 'always' | 'quit'): Action =>
  async ({ init1 }, [job, instance]) => {
    const starts = await init1.heldStarts();
    const found = starts.find(
      (start) => job === undefined || (start.job === job && start.instance === (instance ?? start.instance)),
    );
    if (found === undefined && said === 'quit' && job === undefined) return init1.confirmStarts(false);
    if (found === undefined) throw new InitctlError('no-held-start', { job: job ?? '' });
    await init1.answerStart(found.job, found.instance, said);
  };

const ACTIONS: Readonly<Record<string, Action>> = {
  on: async (upstart, jobs, { options }) => {
    // Of a name that is not there no start would ever wait: the daemon says so.
    await Promise.all(jobs.map((job) => upstart.job(job)));
    const timeout = options.get('timeout');
    await upstart.init1.confirmStarts(true, jobs, timeout === undefined ? TIMEOUT_MS : spanOption('timeout', timeout));
  },
  off: ({ init1 }) => init1.confirmStarts(false),
  yes: answer('yes'),
  no: answer('no'),
  always: answer('always'),
  quit: answer('quit'),
};

/** How many words may follow: jobs without end, no word, or a job and its instance. */
const MOST_WORDS: Readonly<Record<string, number>> = { off: 0, yes: 2, no: 2, always: 2, quit: 2 };

/** What is not about one start. */
const CHANGES_STEPPING: ReadonlySet<string> = new Set(['on', 'off', 'quit']);

/** `confirm [on|off|yes|no|always|quit] …`: step through starts. */
export const confirm: CommandHandler = async (context) => {
  const [word, ...rest] = context.operands;
  const action = word === undefined || !Object.hasOwn(ACTIONS, word) ? undefined : ACTIONS[word];
  if (word !== undefined && action === undefined) {
    throw new InitctlError('illegal-choice', {
      option: 'confirm',
      value: word,
      choices: Object.keys(ACTIONS).join(', '),
    });
  }
  refuseMore(rest, word === undefined ? 0 : MOST_WORDS[word]);
  const upstart = await context.connect();
  try {
    if (action) await action(upstart, rest, context);
    // The answers have none of their own: what waits now is what one wants to know.
    await list(context, upstart.init1, word === undefined || CHANGES_STEPPING.has(word));
  } catch (error) {
    if (isGone(error)) throw new InitctlError('not-this-daemon', { what: 'what is to be confirmed' }, { cause: error });
    throw error;
  }
};
