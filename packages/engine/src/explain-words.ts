import { signalName } from '@maverick/conf';
import type { WaitNode } from './effect.js';
import type {
  Awaits,
  ConditionExplanation,
  EventExplanation,
  EventListener,
  EventSource,
  ExpectedEvent,
  ExpectingJob,
  HoldingCondition,
  InstanceExplanation,
  JobExplanation,
  WhileExplanation,
} from './explanation.js';
import type { Input } from './input.js';
import { type Failure, nameInSession } from './instance.js';
import type { JobState } from './job-state.js';
import type { Reason } from './origin.js';
import type { TimerPurpose } from './timer.js';
import { chainInWords, nodeInWords } from './wait-graph.js';

/** Explanations in sentences. */

type Facts<T> = Omit<T, 'sentences'>;

const SECOND = 1000;
const UNITS = [
  { unit: 'h', ms: 3600 * SECOND },
  { unit: 'min', ms: 60 * SECOND },
  { unit: 's', ms: SECOND },
] as const;

/** A span of time, such as `2 min 5 s`, `1.5 s`, `20 ms`. */
const duration = (ms: number): string => {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 60 * SECOND) return `${Number((ms / SECOND).toFixed(1))} s`;
  let rest = Math.round(ms / SECOND) * SECOND;
  const parts: string[] = [];
  for (const { unit, ms: size } of UNITS) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)} ${unit}`);
    rest %= size;
  }
  return parts.join(' ');
};

const ago = (at: number, now: number): string => (now <= at ? 'just now' : `${duration(now - at)} ago`);
const during = (since: number, now: number): string => `for ${duration(Math.max(0, now - since))}`;
const inTime = (at: number, now: number): string => `in ${duration(Math.max(0, at - now))}`;
const list = (words: readonly string[], last = 'and'): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;

const eventText = (name: string, env: readonly string[]): string => [name, ...env].join(' ');

/** Of processes: what the process did. */
const INPUTS = {
  emit: 'it was emitted',
  start: 'a start was asked for',
  stop: 'a stop was asked for',
  restart: 'a restart was asked for',
  reload: 'a reload was asked for',
  'define-job': 'a job was defined',
  'adopt-jobs': 'it was found running',
  'remove-job': 'a job was removed',
  'set-env': 'a variable was set',
  'unset-env': 'a variable was taken away',
  'reset-env': 'the variables were reset',
  'process-started': 'was started',
  'spawn-failed': 'could not be started',
  'process-exited': 'ended',
  'process-stopped': 'stopped itself',
  'process-forked': 'forked',
  'process-execed': 'ran another program',
  'process-ready': 'was ready',
  'process-alive': 'gave a sign of life',
  'timer-fired': 'time was up',
  'open-session': 'a session was opened',
  'close-session': 'a session was closed',
  confirm: 'starts were to be confirmed',
  'answer-start': 'a start was answered',
  quiesce: 'everything was told to end',
} as const satisfies Record<Input['kind'], string>;

const TIMERS = {
  kill: 'its kill timeout was over',
  'fork-again': 'a fork was to be tried again',
  'spawn-result': 'the result of a start was overdue',
  hook: 'a hook was held too long',
  'start-timeout': 'its start timeout was over',
  backoff: 'its wait before a respawn was over',
  watchdog: 'it gave no sign of life',
  confirm: 'nobody answered in time',
  quiesce: 'the end of the session went on',
} as const satisfies Record<TimerPurpose['kind'], string>;

const endInWords = ({ status }: Extract<Reason, { kind: 'input' }>): string => {
  if (!status) return '';
  return status.kind === 'exited'
    ? ` with status ${status.code}`
    : ` by signal ${signalName(status.signal) ?? status.signal}`;
};

const inputInWords = (reason: Extract<Reason, { kind: 'input' }>, now: number): string => {
  const { what, at, by, role, timer } = reason;
  const when = ago(at, now);
  if (timer && by) return `${nameInSession(by)}: ${TIMERS[timer]}, ${when}`;
  if (role && by) return `the ${role} process of ${nameInSession(by)} ${INPUTS[what]}${endInWords(reason)}, ${when}`;
  return `${INPUTS[what]}${by ? ` by a process of ${nameInSession(by)}` : ''}, ${when}`;
};

const reasonInWords = (reason: Reason, now: number): string => {
  switch (reason.kind) {
    case 'input':
      return inputInWords(reason, now);
    case 'event': {
      const { name, env, at, remembered = [] } = reason;
      const earlier = remembered.map((event) => `${eventText(event.name, event.env)}, ${ago(event.at, now)}`);
      const after = earlier.length === 0 ? '' : ` (after ${list(earlier)})`;
      return `event ${eventText(name, env)}, ${ago(at, now)}${after}`;
    }
    case 'job':
      return `${nameInSession(reason.instance)} was to ${reason.goal}, ${ago(reason.at, now)}`;
    case 'omitted':
      return `${reason.links} more in between`;
  }
};

const isEmission = (reason: Reason | undefined): reason is Extract<Reason, { kind: 'input' }> =>
  reason?.kind === 'input' && reason.what === 'emit';

/** The newest reason, and what lies behind it. That an event was emitted goes without saying: only by whom is said, with it. */
const becauseInWords = (because: readonly Reason[], now: number): string[] =>
  because.flatMap((reason, index) => {
    const before = because[index - 1];
    const behind = because[index + 1];
    if (isEmission(reason) && before?.kind === 'event') return [];
    const by = reason.kind === 'event' && isEmission(behind) ? behind.by : undefined;
    const emitter = by ? `, emitted by a process of ${nameInSession(by)}` : '';
    return [`${index === 0 ? 'Because' : 'Behind that'}: ${reasonInWords(reason, now)}${emitter}.`];
  });

const failureInWords = ({ process, status }: Failure): string => {
  if (process === 'respawn') return 'It respawned too fast.';
  if (process === 'timeout') return 'It took too long to start.';
  if (status < 0) return `Its ${process} process could not be started.`;
  const how = status < 256 ? `with status ${status}` : `by signal ${signalName(status >> 8) ?? status >> 8}`;
  return `Its ${process} process failed: it ended ${how}.`;
};

const statesInWords = (states: readonly JobState[]): string =>
  states.length === 0 ? 'which does not run' : `now ${list([...new Set(states)])}`;

const sourceInWords = (source: EventSource): string => {
  const where = statesInWords(source.states);
  return source.kind === 'emits' ? `${source.job}, which says that it emits it (${where})` : `${source.job} (${where})`;
};

const conditionInWords = (what: string, condition: ConditionExplanation, now: number): string[] => {
  const { operands, missing, instance } = condition;
  const seen = operands.flatMap(({ text, seen: event }) => (event ? `${text} (${ago(event.at, now)})` : []));
  const name = instance === undefined ? what : `${what} for instance ${instance}`;
  const first = `${name} still needs: ${missing}.${seen.length > 0 ? ` It has seen ${list(seen)}.` : ''}`;
  const sources = operands
    .filter(({ met }) => !met)
    .map(({ text, sources: from }) =>
      from.length === 0
        ? `${text}: no job is known to bring it about.`
        : `${text} could come from ${list(from.map(sourceInWords), 'or')}.`,
    );
  return [first, ...sources];
};

const holdingInWords = ({ job, since, until, missing }: HoldingCondition, now: number): string => {
  const end = until === undefined ? 'without a limit' : `let go ${inTime(until, now)}`;
  return `${job} has held it ${during(since, now)} (${end}), because its condition still needs: ${missing}.`;
};

const unconfirmedInWords = ({ until }: { readonly until?: number }, now: number): string =>
  `It waits for its start to be confirmed${until === undefined ? '' : `, which it is ${inTime(until, now)}`}.`;

const awaitsInWords = (awaits: Awaits, now: number): string[] => {
  switch (awaits.kind) {
    case 'hook': {
      const holders = awaits.heldBy.map(nodeInWords);
      const word = awaits.unconfirmed ? [unconfirmedInWords(awaits.unconfirmed, now)] : [];
      const first = holders.length === 0 ? [] : [`Its ${awaits.name} event waits for ${list(holders)}.`];
      return [
        ...word,
        ...first,
        ...awaits.conditions.map((held) => `Its ${awaits.name} event: ${holdingInWords(held, now)}`),
      ];
    }
    case 'process': {
      const kill = awaits.killAt === undefined ? '' : `, which gets SIGKILL ${inTime(awaits.killAt, now)}`;
      return [`It waits for its ${awaits.role} process to end${kill}.`];
    }
    case 'readiness': {
      const limit = awaits.until === undefined ? '' : `, for ${duration(Math.max(0, awaits.until - now))} more at most`;
      const how = awaits.expect === undefined || awaits.expect === 'none' ? '' : ` (expect ${awaits.expect})`;
      return [`It waits for its main process to be ready${how}${limit}.`];
    }
    case 'respawn':
      return [`It is respawned ${inTime(awaits.until, now)}.`];
  }
};

const waitersInWords = (waiters: readonly WaitNode[]): string[] =>
  waiters.length === 0 ? [] : [`Waited for by ${list(waiters.map(nodeInWords))}.`];

export const instanceSentences = (facts: Facts<InstanceExplanation>, now: number): string[] => {
  const { instance, goal, state, since, because, failure, awaits, waitChain, waiters, stopOn } = facts;
  const isHalf = stopOn?.operands.some(({ met }) => met) === true;
  return [
    `${nameInSession(instance)} is ${goal}/${state}, ${during(since, now)}.`,
    ...becauseInWords(because, now),
    ...(failure ? [failureInWords(failure)] : []),
    ...(awaits ? awaitsInWords(awaits, now) : []),
    ...(waitChain.length > 2 ? [`${chainInWords(waitChain)}.`] : []),
    ...waitersInWords(waiters),
    ...(stopOn && isHalf ? conditionInWords('Its stop on', stopOn, now) : []),
  ];
};

const whileInWords = ({ holds, cyclic, terms }: WhileExplanation): string[] => {
  if (cyclic) return ['Its while never holds, because it depends on itself.'];
  if (holds) return ['Its while holds.'];
  const unmet = terms.filter((term) => term.holds !== term.positive);
  return [
    `Its while does not hold: ${list(
      unmet.map(({ job, positive, states }) =>
        positive ? `${job} is ${states.length === 0 ? 'not there' : list(states)}` : `${job} is ${list(states)}`,
      ),
    )}.`,
  ];
};

const expectingInWords = ({ job, event, missing }: ExpectingJob): string =>
  missing === '' ? `${job} starts on its ${event} event.` : `${job} waits for its ${event} event, and for: ${missing}.`;

export const jobSentences = (facts: Facts<JobExplanation>, now: number): string[] => {
  const { job, instances, idleSince, lastRun, startOn, while: states, expectedBy } = facts;
  const expected = expectedBy.map(expectingInWords);
  if (instances.length > 0) return [...instances.flatMap(({ sentences }) => sentences), ...expected];
  const last = lastRun
    ? [...(lastRun.failure ? [failureInWords(lastRun.failure)] : []), ...becauseInWords(lastRun.because, now)]
    : ['It has not run.'];
  const nothing = startOn.length === 0 && !states ? ['Nothing starts it but a command.'] : [];
  return [
    `${job} does not run${idleSince === undefined ? '' : `, ${during(idleSince, now)}`}.`,
    ...last,
    ...startOn.flatMap((condition) => conditionInWords('Its start on', condition, now)),
    ...(states ? whileInWords(states) : []),
    ...nothing,
    ...expected,
  ];
};

export const eventSentences = (facts: Facts<EventExplanation>, now: number): string[] => {
  const { name, env, since, because, heldBy, conditions, waiters } = facts;
  return [
    `Event ${eventText(name, env)} is being handled, ${during(since, now)}.`,
    ...becauseInWords(because, now),
    ...(heldBy.length > 0 ? [`It waits for ${list(heldBy.map(nodeInWords))}.`] : []),
    ...conditions.map((held) => holdingInWords(held, now)),
    ...waitersInWords(waiters),
  ];
};

const listenerInWords = ({ job, instance, stanza, states, missing }: EventListener): string => {
  const name = instance === undefined || instance === '' ? job : `${job} (${instance})`;
  const does = stanza === 'start on' ? 'start' : 'stop';
  const where = stanza === 'start on' ? ` (${statesInWords(states)})` : '';
  return missing === ''
    ? `It would ${does} ${name}${where}.`
    : `It would help to ${does} ${name}${where}, which then still needs: ${missing}.`;
};

export const expectedSentences = (facts: Facts<ExpectedEvent>): string[] => {
  const { text, unfinished, sources, listeners } = facts;
  const from = list(sources.map(sourceInWords), 'or');
  return [
    ...(unfinished.length === 0
      ? [`No event ${text} is being handled.`]
      : unfinished.flatMap(({ sentences }) => sentences)),
    sources.length === 0
      ? 'No job is known to bring it about: it comes from outside, or not at all.'
      : `It could come from ${from}.`,
    ...(listeners.length === 0 ? ['No job waits for it.'] : listeners.map(listenerInWords)),
  ];
};
