import { type ExitStatus, signalName } from '@maverick/conf';
import type { Cause, Input, InstanceRef } from '@maverick/engine';
import type { History, InputFact, ProcessFact, Run } from './history.js';

/** `JOB`, or `JOB (INSTANCE)` for one that can have several. */
export const instanceText = ({ job, instance }: InstanceRef): string =>
  instance === '' ? job : `${job} (${instance})`;

/** An event as conditions write it. */
export const eventText = ({ name, env }: { readonly name: string; readonly env: readonly string[] }): string =>
  [name, ...env.filter((entry) => !entry.endsWith('='))].join(' ');

/** `exited with status 1`, `killed by signal SEGV`. */
export const statusText = (status: ExitStatus | { readonly kind: 'unknown' }): string => {
  switch (status.kind) {
    case 'exited':
      return `exited with status ${status.code}`;
    case 'signalled':
      return `killed by signal ${signalName(status.signal) ?? status.signal}`;
    case 'unknown':
      return 'ended unseen';
  }
};

type Owner = Pick<ProcessFact, 'instance' | 'role'>;

type Words = (input: InputFact, process: Owner | undefined) => string;

const of = (process: Owner | undefined): string =>
  process === undefined ? 'a process' : `${process.role} process of ${instanceText(process.instance)}`;

const command: Words = ({ kind, caller }) =>
  `command ${kind}${caller === undefined ? '' : ` from ${instanceText(caller.instance)}`}`;
const processed =
  (what: string): Words =>
  (_, process) =>
    `${of(process)} ${what}`;
const definitions: Words = () => 'its definition';
const environment: Words = () => 'a change of variables';

/** How each kind of input is told as a cause. */
const WORDS = {
  emit: ({ name = '' }) => `event ${name}`,
  start: command,
  stop: command,
  restart: command,
  reload: command,
  'define-job': definitions,
  'adopt-jobs': () => 'found running',
  'remove-job': () => 'its file was removed',
  'set-env': environment,
  'unset-env': environment,
  'reset-env': environment,
  'process-started': processed('started'),
  'spawn-failed': processed('could not be started'),
  'process-exited': ({ status }, process) => `${of(process)} ${status === undefined ? 'ended' : statusText(status)}`,
  'process-stopped': processed('stopped itself to be ready'),
  'process-forked': processed('forked'),
  'process-execed': processed('executed another program'),
  'process-ready': processed('was ready'),
  'process-alive': processed('gave a sign of life'),
  'timer-fired': () => 'a time was up',
  'open-session': () => 'its session was opened',
  'close-session': () => 'its session was closed',
  confirm: () => 'a change of what is to be confirmed',
  'answer-start': () => 'the answer for a start',
  quiesce: () => 'shutdown',
} as const satisfies Record<Input['kind'], Words>;

/** What the engine was told, in words. */
export const inputText = (history: History, input: InputFact): string =>
  WORDS[input.kind](
    input,
    (input.process === undefined ? undefined : history.processes.get(input.process)) ?? input.of,
  );

/** In the place of a cause that no line tells. */
const unknownText = ({ isCut }: History): string =>
  isCut ? "not known: before the journal's beginning" : 'not known: lines of the journal are missing';

/** What led to something, in words: the event that did, else what the engine was told. */
export const causeText = (history: History, { input, event }: Cause): string => {
  const known = event === undefined ? undefined : history.events.get(event);
  if (known !== undefined) return `event ${eventText(known)}`;
  const told = history.inputs.get(input);
  return told === undefined ? unknownText(history) : inputText(history, told);
};

/** What made a run start, in words. */
export const startText = (history: History, { isRespawn, startCause }: Run): string =>
  isRespawn ? 'respawn' : startCause === undefined ? unknownText(history) : causeText(history, startCause);
