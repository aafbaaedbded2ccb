import { defineJob } from '@maverick/conf';
import type { Effect } from '@maverick/engine';
import { expect, test } from 'vitest';
import type { SupervisorNotice } from '../src/event.js';
import { type Fact, factText } from '../src/fact-text.js';

const MOMENT = { at: 12.5, wall: Date.UTC(2020, 0, 2, 3, 4, 5, 6) };
const HEAD = { at: 12.5, time: '2020-01-02T03:04:05.006Z' };
const instance = { session: '', job: 'web', instance: '1' };
const cause = { input: 3, event: 2 };
const lineOf = (fact: Fact, moment = MOMENT): unknown => JSON.parse(factText(fact, moment));

test('an effect names session, job, instance and cause', () => {
  const effect: Effect = { kind: 'state-changed', instance, from: 'waiting', to: 'starting', cause };
  expect(factText(effect, MOMENT)).toBe(
    '{"at":12.5,"time":"2020-01-02T03:04:05.006Z","what":"state-changed","session":"","job":"web","instance":"1",' +
      '"from":"waiting","to":"starting","cause":{"input":3,"event":2}}',
  );
});

test('a started process leaves its definition and environment out', () => {
  const effect: Effect = {
    kind: 'spawn',
    process: 4,
    instance,
    role: 'main',
    definition: defineJob({}),
    env: ['SECRET=1'],
    fds: [3],
    cause,
  };
  const expected = { ...HEAD, what: 'spawn', ...instance, cause, process: 4, role: 'main', fds: [3] };
  expect(lineOf(effect)).toEqual(expected);
});

test('an exception is told by its text', () => {
  const line = lineOf({ kind: 'fault', during: 'reply', error: new Error('bug') });
  expect(line).toEqual({ ...HEAD, what: 'fault', during: 'reply', error: 'Error: bug' });
});

/** Text that JSON has to escape, or that could be taken for the end of something. */
const ODD = 'a"b\\c\n\u0000\ud800 ü 𝄞 }],"x":1';

const oddInstance = { session: `user:${ODD}`, job: ODD, instance: ODD };

/** Facts whose details come in every shape that there is, after their kind and instance. */
const FACTS: readonly (Effect | SupervisorNotice)[] = [
  {
    kind: 'goal-changed',
    instance: oddInstance,
    from: 'stop',
    to: 'start',
    cause: { input: 1, instance: oddInstance },
  },
  { kind: 'event-queued', event: 7, session: '', name: ODD, env: [ODD, '', `B=${ODD}`], failed: false, cause },
  { kind: 'event-finished', event: 7, session: ODD, name: '', env: [], failed: true, cause },
  {
    kind: 'deadlock',
    chain: [
      { kind: 'job', instance },
      { kind: 'job', instance: oddInstance },
    ],
    cause,
  },
  { kind: 'set-timer', timer: 1, dueAt: Number.POSITIVE_INFINITY, cause: { input: 4, event: 1, instance } },
  { kind: 'log', priority: 'warn', message: ODD.repeat(100), cause },
  {
    kind: 'process-ended',
    instance,
    role: 'main',
    pid: 5,
    status: { kind: 'signalled', signal: 9, core: true } as never,
  },
  { kind: 'process-status', instance: oddInstance, role: 'main', pid: 5, text: ODD },
  { kind: 'message', priority: 'warn', message: ODD },
  { kind: 'message', priority: 'warn', message: ODD, instance: undefined, session: undefined } as never,
  { kind: 'taken-over', adopted: 0, ended: -1, startedNow: 1e21 },
  { kind: 'reply', request: 1, reply: { ok: false, list: [[], {}, null, undefined, true] } as never, cause },
];

/** What {@link factText} says, by the way that needs no thought. */
const plain = ({ kind, instance: of, ...more }: Record<string, unknown>, at: number): unknown =>
  JSON.parse(JSON.stringify({ ...HEAD, at, what: kind, ...(of ?? {}), ...more }));

test('is the JSON of the fact, whatever was said before', () => {
  // All after each other: what is kept of one line must not get into the next one.
  for (let round = 0; round < 3; round += 1) {
    for (const first of FACTS) {
      for (const [index, fact] of FACTS.entries()) {
        factText(first, MOMENT);
        expect(lineOf(fact, { ...MOMENT, at: index / 3 })).toEqual(plain({ ...fact }, index / 3));
      }
    }
  }
});

test('goes on being right when more different words have come than are kept', () => {
  const named = (number: number): Effect => ({
    kind: 'event-handling',
    event: number,
    session: '',
    name: `event-${number}`,
    env: [`N=${number}`],
    failed: false,
    cause: { input: number },
  });
  for (let number = 1; number < 2000; number += 1)
    expect(lineOf(named(number))).toEqual(plain({ ...named(number) }, MOMENT.at));
});
