import { defineJob, parseConf } from '@maverick/conf';
import { describe, expect, test } from 'vitest';
import { readScenarios } from '../src/scenario.js';
import { runScenario } from '../src/scenario-run.js';

const JOBS = Object.fromEntries(
  Object.entries({
    db: 'start on boot\nstop on halt\nexpect notify\nenv A="x y"\nexec x',
    web: 'start on started db and net IFACE=eth*\nstop on stopping db\nexec x',
    once: 'start on boot\ntask\nexec x',
    worker: 'instance $N\nstop on halt N=$N\nkill timeout 3\nexec x',
    loop: 'start on spin or stopped loop\ntask\n',
  }).map(([name, text]) => [name, defineJob(parseConf(text).conf ?? {})]),
);

/** What fails first, as `LINE: MESSAGE`; lines are those of the text below `scenario`. */
const play = (text: string): string | undefined => {
  const { scenarios, problems } = readScenarios(`scenario s\n${text}`);
  expect(problems).toEqual([]);
  const failure = runScenario(scenarios[0] ?? { name: '', line: 0, steps: [] }, JOBS);
  return failure && `${failure.line - 1}: ${failure.message}`;
};

describe('what is as expected', () => {
  test.each([
    'emit boot\nexpect db running\nexpect db start/running\nexpect once stopped',
    'expect db not started\nexpect db stopped',
    'process db ready after 2s\nemit boot\nexpect db spawned\nwait 1999ms\nexpect db spawned\nwait 1ms\nexpect db running',
    'process db ready never\nemit boot\nwait 1h\nexpect db spawned',
    'process once exits 3\nemit boot\nexpect once failed\nexpect event stopped JOB=once RESULT=failed EXIT_STATUS=3',
    'process once exits SEGV after 10ms\nemit boot\nexpect once running\nwait\nexpect event stopped once EXIT_SIGNAL=SEGV',
    'process once fails to start\nstart once\nexpect failure',
    'process once fails to start\nprocess once as usual\nstart once\nexpect success',
    'emit boot\nemit net IFACE=eth0\nexpect web running\nexpect event started JOB=w*\nexpect no event net IFACE!=eth0',
    'emit boot\nemit net IFACE=lo\nexpect web not started',
    'emit boot\nexpect env db A="x y"\nexpect env db NOTHING unset\nemit halt\nexpect db stopped\nexpect env db A="x y"',
    'start worker N=7\nstart worker N=8\nexpect worker (7) running\nemit halt N=7\nexpect worker (7) stopped\nexpect worker (8) running',
    'start worker N=7\nexit worker (7) 0\nexpect worker (7) stopped',
    'start worker N=1\nprocess worker ignores signals\nstop worker N=1\nwait 2s\nexpect worker (1) killed\nwait 1s\nexpect worker (1) stopped',
    'process db stops after 1s\nemit boot\nemit net IFACE=eth0\nstop db\nwait\nexpect web waiting before db waiting',
    'process db ready after 1s\nemit boot\nwait\nexpect once stopped before db running\nstop db\nexpect db running before db stopped',
    'start nothing\nexpect failure',
    'restart db\nexpect failure\nemit boot\nrestart db\nexpect success',
  ])('%j', (text) => expect(play(text)).toBeUndefined());
});

describe('what is not', () => {
  test.each([
    ['emit boot\nexpect db stopped', '2: expected db waiting, but it is start/running'],
    ['emit boot\nexpect db stop/running', '2: expected db stop/running, but it is start/running'],
    ['emit boot\nexpect once failed', '2: expected once to have failed'],
    ['emit boot\nexpect db not started', '2: expected db not to have been started'],
    ['emit boot\nexpect event started web', '2: expected event started web'],
    ['emit boot\nexpect no event started', '2: expected no event started, but there was started JOB=db INSTANCE='],
    ['emit boot\nexpect env db A=z', '2: expected A=z for db, but it is x y'],
    ['emit boot\nexpect env db A unset', '2: expected A unset for db, but it is x y'],
    ['expect env db A=z', '1: db has not been started'],
    ['start db\nexpect failure', '2: expected failure, but it succeeded'],
    ['start worker\nexpect success', '2: expected success, but: Unknown parameter: N'],
    ['process db ready never\nstart db\nexpect success', '3: there is no answer yet: the command still waits'],
    ['emit boot\nexpect db running before db spawned', '2: db was spawned before db was running'],
    ['emit boot\nexpect db running before web running', '2: web was never running'],
    ['expect nobody stopped', '1: there is no job nobody'],
    ['process nobody exits 1', '1: there is no job nobody'],
    ['exit db 1', '1: db has no main process'],
    ['emit spin\nexpect loop failed', '2: expected loop to have failed'],
  ])('%j: %s', (text, failure) => expect(play(text)).toBe(failure));

  test('the job is explained, and events that are alike are shown', () => {
    const failureOf = (text: string) => {
      const [scenario] = readScenarios(`scenario s\n${text}`).scenarios;
      return scenario && runScenario(scenario, JOBS)?.because.join('\n');
    };
    expect(failureOf('emit boot\nexpect web running')).toContain('Its start on still needs: net IFACE=eth*.');
    expect(failureOf('emit net IFACE=lo\nexpect event net IFACE=eth0')).toBe('There was net IFACE=lo.');
  });
});

test('statements before the first scenario are of all of them; comments, quotes and blanks', () => {
  const { scenarios, problems } = readScenarios(
    ['# first', 'emit boot A="1 2"  # why', '', 'scenario one', '\temit b#c', 'scenario "two words" more', ''].join(
      '\n',
    ),
  );
  expect(problems).toEqual([]);
  expect(scenarios.map(({ name, line, steps }) => [name, line, steps.map(({ action }) => action)])).toEqual([
    [
      'one',
      4,
      [
        { kind: 'emit', name: 'boot', env: ['A=1 2'] },
        { kind: 'emit', name: 'b#c', env: [] },
      ],
    ],
    ['two words more', 6, [{ kind: 'emit', name: 'boot', env: ['A=1 2'] }]],
  ]);
});

test('a scenario with a line that can not be read is not played; before the first, none is', () => {
  const failures = (text: string) =>
    readScenarios(text).scenarios.map((scenario) => runScenario(scenario, JOBS)?.message);
  const NOT_PLAYED = 'not played: this line can not be read';
  expect(failures('scenario a\njump\nscenario b\nemit boot')).toEqual([NOT_PLAYED, undefined]);
  expect(failures('jump\nscenario a\nscenario b')).toEqual([NOT_PLAYED, NOT_PLAYED]);
});

test.each([
  ['scenario', 'the name of the scenario'],
  ['jump', 'scenario, emit, start, stop, restart, process, exit, wait, expect'],
  ['constructor', 'scenario, emit'],
  ['emit', 'an event'],
  ['emit e X', 'KEY=VALUE'],
  ['emit "e', 'a closing quote'],
  ['start', 'a job'],
  ['process', 'a process'],
  ['process a', 'exits, runs, ready'],
  ['process a exits soon', 'an exit status'],
  ['process a exits 1 in 2s', 'after TIME'],
  ['process a exits 1 after 2s more', 'nothing after this, not more'],
  ['process a runs long', 'a number and ms'],
  ['exit a', 'an exit status'],
  ['wait a bit', 'a number and ms'],
  ['expect', 'a job'],
  ['expect a', 'a state'],
  ['expect a up', 'a state (waiting'],
  ['expect a running and well', 'a state'],
  ['expect event', 'an event'],
  ['expect env a', 'KEY=VALUE'],
  ['expect env a B', 'KEY=VALUE, or KEY unset'],
  ['expect a before b running', 'a state'],
])('%j is told of: expected %s', (line, text) => {
  const { problems } = readScenarios(`scenario s\n${line}`);
  expect(problems).toEqual([{ line: 2, message: expect.stringContaining(`expected ${text}`) }]);
});
