import { readFileSync } from 'node:fs';
import { type ExitStatus, PROCESS_ROLES } from '@maverick/conf';
import type { FakeCall, FakeProcess, FakeProcesses, SpawnFailure } from '@maverick/engine';
import { InitctlError } from './errors.js';

/** The file of `--processes`: what processes do, as JSON. A word in it that is not known is a mistake, and not passed over. */

/** What is wrong in the file, and where. */
class Wrong extends Error {}

const fail = (place: string, expected: string): never => {
  throw new Wrong(`${place}: expected ${expected}`);
};

type Table = Readonly<Record<string, unknown>>;

const isTable = (data: unknown): data is Table => typeof data === 'object' && data !== null && !Array.isArray(data);

const tableAt = (data: unknown, place: string, expected: string): Table =>
  isTable(data) ? data : fail(place, expected);

const isTime = (data: unknown): data is number => typeof data === 'number' && data >= 0;

const isStatus = (data: unknown): data is number | ExitStatus =>
  Number.isInteger(data) ||
  (isTable(data) &&
    ((data['kind'] === 'exited' && Number.isInteger(data['code'])) ||
      (data['kind'] === 'signalled' && Number.isInteger(data['signal']))));

const isSpawnFailure = (data: unknown): data is string | SpawnFailure =>
  typeof data === 'string' ||
  (isTable(data) && typeof data['step'] === 'string' && Number.isInteger(data['errno']) && 'message' in data);

const TIME = [isTime, 'a number of milliseconds'] as const;

const isText = (data: unknown): boolean => typeof data === 'string';
const isTexts = (data: unknown): boolean => Array.isArray(data) && data.every(isText);

/** What can be said of a call, beside its `kind`. */
const CALL_FACTS: Readonly<Record<string, (data: unknown) => boolean>> = {
  afterMs: isTime,
  wait: (data) => typeof data === 'boolean',
  env: isTexts,
  instance: isText,
};

const isCall = (data: unknown): boolean => {
  if (!isTable(data)) return false;
  const { kind, ...facts } = data;
  const object = kind === 'emit' ? 'name' : ['start', 'stop', 'restart'].includes(String(kind)) ? 'job' : undefined;
  if (object === undefined || !isText(facts[object])) return false;
  return Object.entries(facts).every(([key, value]) => key === object || CALL_FACTS[key]?.(value) === true);
};

const isCalls = (data: unknown): data is readonly FakeCall[] => Array.isArray(data) && data.every(isCall);

/** What can be said of a process, each with what it must be. */
const FACTS = {
  calls: [isCalls, 'calls, each {"kind": "emit", "name": EVENT, …} or {"kind": "start", "job": JOB, …}'],
  runsForMs: TIME,
  exit: [isStatus, 'an exit code, or {"kind": "exited", "code": N} or {"kind": "signalled", "signal": N}'],
  failsToStart: [isSpawnFailure, 'the reason'],
  readyAfterMs: TIME,
  endsAfterMs: TIME,
  aliveEveryMs: TIME,
} as const satisfies Record<keyof FakeProcess, readonly [(data: unknown) => boolean, string]>;

const NAMES = Object.keys(FACTS).join(', ');

const isFact = (key: string): key is keyof typeof FACTS => Object.hasOwn(FACTS, key);

const checkFact = (key: string, value: unknown, place: string): void => {
  const [isGood, expected] = isFact(key) ? FACTS[key] : fail(place, `one of ${NAMES}`);
  if (!isGood(value)) fail(place, expected);
};

const checkProcess = (data: unknown, place: string): void => {
  const facts = tableAt(data, place, `an object with ${NAMES}`);
  for (const [key, value] of Object.entries(facts)) checkFact(key, value, `${place}.${key}`);
};

const checkJob = (data: unknown, job: string): void => {
  for (const [role, fake] of Object.entries(tableAt(data, job, 'an object of processes'))) {
    const place = `${job}.${role}`;
    if (!(PROCESS_ROLES as readonly string[]).includes(role)) fail(place, `one of ${PROCESS_ROLES.join(', ')}`);
    if (!Array.isArray(fake)) checkProcess(fake, place);
    else for (const [index, one] of fake.entries()) checkProcess(one, `${place}[${index}]`);
  }
};

/**
 * Read what processes are said to do.
 * @throws InitctlError `unreadable-file`, with the place of what is wrong
 */
export const readProcessesFile = (path: string): FakeProcesses => {
  try {
    const data: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const jobs = tableAt(data, 'the file', 'an object of jobs, each an object of processes');
    for (const [job, roles] of Object.entries(jobs)) checkJob(roles, job);
    return jobs as FakeProcesses;
  } catch (error) {
    throw new InitctlError('unreadable-file', { path, reason: error instanceof Error ? error.message : String(error) });
  }
};
