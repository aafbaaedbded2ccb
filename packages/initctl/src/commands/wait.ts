import { type DBusError, instancePath, type RemoteInstance, type UpstartEvent } from '@maverick/dbus/client';
import type { CommandContext, CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';
import { instanceNow, isGone, isUnknownInstance, unless } from '../instance-status.js';
import { type FoundJob, findInstance, findJob } from '../job-reference.js';
import { DECIMAL, numberOption } from '../numbers.js';
import { watchProgress } from '../progress.js';
import { statusLine } from '../status-line.js';

const GOALS = ['started', 'stopped'] as const;
type WaitGoal = (typeof GOALS)[number];

const isGoal = (word: string): word is WaitGoal => (GOALS as readonly string[]).includes(word);

const goalOf = ({ options }: CommandContext): WaitGoal => {
  const value = options.get('for');
  if (value === undefined) throw new InitctlError('no-wait-goal', {});
  if (isGoal(value)) return value;
  throw new InitctlError('illegal-choice', { option: '--for', value, choices: GOALS.join(' or ') });
};

/** The instance that is meant, and its status; undefined where there is none. */
const lookUp = async (found: FoundJob) => {
  const instance = await unless(isUnknownInstance, findInstance(found));
  const status = instance && (await unless(isGone, instance.status()));
  return status && instance ? { instance, status } : undefined;
};

/** The path of the plain instance, which has no other by which it could be taken for one. */
const plainPath = ({ reference }: FoundJob): string => instancePath({ session: '', job: reference.job, instance: '' });

/** It ran at that moment, even if it is over now, as a short task is: a job of one instance has no other. */
const ranAt = (event: UpstartEvent, found: FoundJob, known: RemoteInstance | undefined): boolean =>
  event.kind === 'state-changed' && event.state === 'running' && event.instance === (known?.path ?? plainPath(found));

/** Something of the job, or the job itself, is another than before. */
const concerns = (event: UpstartEvent, path: string): boolean => {
  if ('instance' in event) return event.instance.startsWith(`${path}/`);
  return 'job' in event && event.job === path;
};

/**
 * Wait until the goal is reached, by the daemon's signals alone: nothing is asked again unless something has changed.
 * @returns the instance, if there is one then
 */
const reach = async (
  goal: WaitGoal,
  found: FoundJob,
  events: AsyncIterable<UpstartEvent>,
): Promise<RemoteInstance | undefined> => {
  let now = await lookUp(found);
  const isReached = (): boolean =>
    goal === 'stopped' ? now === undefined : now?.status.goal === 'start' && now.status.state === 'running';
  if (isReached()) return now?.instance;
  for await (const event of events) {
    if (!concerns(event, found.job.path)) continue;
    if (goal === 'started' && ranAt(event, found, now?.instance)) return now?.instance;
    now = await lookUp(found);
    if (isReached()) return now?.instance;
  }
  throw new InitctlError('connection-lost', {});
};

const timeLimit = (seconds: number, found: FoundJob): { readonly over: Promise<never>; cancel(): void } => {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    const fire = async (): Promise<void> => {
      const status = (await lookUp(found).catch((_error: DBusError) => undefined))?.status;
      reject(new InitctlError('timed-out', { status: statusLine(found.reference.job, status) }));
    };
    timer = setTimeout(() => void fire(), seconds * 1000);
  });
  over.catch(() => {});
  return { over, cancel: () => clearTimeout(timer) };
};

/** `wait JOB [KEY=VALUE]... --for=started|stopped`: until it is so. */
export const wait: CommandHandler = async (context) => {
  const goal = goalOf(context);
  const seconds = numberOption(context.options, 'timeout', DECIMAL);
  const found = await findJob(context);
  const events = found.upstart.events();
  const limit = seconds === undefined ? undefined : timeLimit(seconds, found);
  const what = `wait for ${found.reference.job} to be ${goal}`;
  const reached = reach(goal, found, events);
  // Where the time is over first, nobody waits for the other any more.
  reached.catch(() => {});
  try {
    const instance = await watchProgress(context, found, what, () =>
      Promise.race([reached, ...(limit === undefined ? [] : [limit.over])]),
    );
    context.output.answer(...(await instanceNow(found.reference.job, instance)));
  } finally {
    limit?.cancel();
  }
};
