import { readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ReadyPipe, type ReadyPipeEvent } from '../src/ready-pipe.js';
import { Run, shell } from './helpers/run.js';

const { SIGCONT, SIGSTOP } = constants.signals;

let run: Run;
beforeEach(() => {
  run = new Run({ reapStrangers: false });
});
afterEach(() => {
  run.close();
});

/** Start a shell command that has the pipe on descriptor 3. */
const start = (command: string) => {
  const events: ReadyPipeEvent[] = [];
  const pipe = new ReadyPipe((event) => {
    events.push(event);
    run.changed();
  });
  const pid = run.start(shell(command, { readyFd: { fd: pipe.fd, target: 3 } }));
  pipe.started();
  return { pid, pipe, events, told: () => run.until(() => events[0]) };
};

describe('readiness by a descriptor', () => {
  test.each([
    { what: 'a newline', command: 'echo >&3; sleep 1000', event: 'ready' },
    { what: 'text before it', command: 'printf "%05000d\\n" 1 >&3; sleep 1000', event: 'ready' },
    { what: 'text and, later, a newline', command: 'printf x >&3; /bin/true; echo >&3; sleep 1000', event: 'ready' },
    { what: 'a descriptor that is closed', command: 'exec 3>&-; sleep 1000', event: 'closed' },
    { what: 'text without a newline, then its end', command: 'printf x >&3', event: 'closed' },
  ])('$what: $event', async ({ command, event }) => {
    const { told, events, pipe } = start(command);
    expect(await told()).toBe(event);
    pipe.close();
    expect(events).toEqual([event]);
  });

  test('the last word of a process that ends at once counts', async () => {
    const order: string[] = [];
    const pipe = new ReadyPipe((event) => order.push(event));
    const other = new Run({
      reapStrangers: false,
      onChild: ({ kind }) => {
        pipe.read();
        order.push(kind);
      },
    });
    const pid = other.start(shell('echo >&3', { readyFd: { fd: pipe.fd, target: 3 } }));
    pipe.started();
    await other.ended(pid);
    other.close();
    expect(order).toEqual(['ready', 'exited']);
  });

  test('leaves no descriptor behind', async () => {
    const before = readdirSync('/proc/self/fd').length;
    const { pid, told, pipe } = start('exit 0');
    await told();
    await run.ended(pid);
    pipe.close();
    pipe.close();
    expect(readdirSync('/proc/self/fd').length).toBe(before);
  });
});

test('readiness by a stop: the program stops itself, and goes on when it is told to', async () => {
  const pid = run.start(shell('kill -STOP $$; exit 4'));
  const stopped = await run.until(() => run.events[0]);
  expect(stopped).toEqual({ kind: 'stopped', pid, signal: SIGSTOP });
  expect(run.spawner.kill(pid, SIGCONT)).toEqual({ ok: true });
  expect(await run.ended(pid)).toMatchObject({ kind: 'exited', code: 4 });
});
