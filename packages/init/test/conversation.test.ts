import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type UpstartClient, type UpstartEvent, type Value } from '@maverick/dbus';
import { expect, onTestFinished, test } from 'vitest';
import { TestDaemon } from './helpers/test-daemon.js';

/** fixtures/conversation.txt, said to a daemon. */

const UPSTART = 'com.ubuntu.Upstart0_6';
const MANAGER = '/com/ubuntu/Upstart';
const SOON = { timeout: 60_000 };

const JOBS = {
  'worker.conf': 'instance $ID\nusage "worker ID=n"\nexec sleep 1000',
  'broken.conf': 'pre-start exec sh -c "exit 3"\nexec sleep 1000',
  'failing.conf': 'start on go\ntask\npre-start exec false',
};

interface Step {
  readonly call: string;
  readonly answer: string;
  /** The signals of each object. */
  readonly signals: Readonly<Record<string, string>>;
}

const steps: Step[] = readFileSync(join(import.meta.dirname, 'fixtures/conversation.txt'), 'utf8')
  .split(/^> /m)
  .slice(1)
  .map((text) => {
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const told = lines.filter((line) => line.startsWith('! ')).map((line) => line.slice(2));
    return {
      call: lines[0] ?? '',
      answer: (lines.find((line) => line.startsWith('<')) ?? '').slice(1).trim().replaceAll('\\n', '\n'),
      signals: Object.fromEntries(told.map((line) => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)])),
    };
  });

/** Words as busctl takes them: an array begins with its length. */
const readArguments = (signature: string, words: string[]): Value[] => {
  const next = (): string => (words.shift() ?? '').replace(/^""$/, '');
  const types = signature.match(/as|./g) ?? [];
  return types.map((type): Value => {
    if (type === 'as') return Array.from({ length: Number(next()) }, next);
    if (type === 'b') return next() === 'true';
    return type === 'i' ? Number(next()) : next();
  });
};

const showValue = (value: Value | undefined): string => {
  if (value === undefined) return '';
  const text = String(value);
  return `${text.startsWith('/') ? 'o' : 's'} "${text}"`;
};

const perform = async (upstart: UpstartClient, call: string): Promise<string> => {
  const [path = '', member = '', signature = '', ...words] = call.split(' ');
  const [method = '', ...prefix] = member.split('.').reverse();
  try {
    const body = readArguments(signature, words);
    const [value] = await upstart.rawCall(path, [UPSTART, ...prefix].join('.'), method, signature, body);
    return showValue(value);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};

/** An event as the object that told it, and what it said. */
const told = (event: UpstartEvent): readonly [path: string, text: string] | undefined => {
  switch (event.kind) {
    case 'instance-added':
      return [event.job, `InstanceAdded(${event.instance})`];
    case 'instance-removed':
      return [event.job, `InstanceRemoved(${event.instance})`];
    case 'goal-changed':
      return [event.instance, `GoalChanged(${event.goal})`];
    case 'state-changed':
      return [event.instance, `StateChanged(${event.state})`];
    case 'failed':
      return [event.instance, `Failed(${event.status})`];
    case 'event-emitted':
      return [MANAGER, `EventEmitted(${event.name})`];
    default:
      return undefined;
  }
};

test('client and daemon say to each other what is written down', { timeout: 120_000 }, async () => {
  const daemon = new TestDaemon({ files: JOBS, args: ['--user', '--no-startup-event'] });
  const version = async (): Promise<string> => {
    const upstart = await connect(daemon.address);
    return upstart.version().finally(() => upstart.close());
  };
  await expect.poll(() => version().catch(() => ''), SOON).toBe('init (upstart 1.13.2)');
  const upstart = await connect(daemon.address);
  onTestFinished(() => upstart.close());
  let heard: Record<string, string> = {};
  const listening = (async () => {
    for await (const event of upstart.events()) {
      const [path, text] = told(event) ?? [];
      if (path !== undefined) heard[path] = heard[path] === undefined ? `${text}` : `${heard[path]} ${text}`;
    }
  })();
  for (const { call, answer, signals } of steps) {
    heard = {};
    expect(await perform(upstart, call), call).toBe(answer);
    await expect.poll(() => heard, { ...SOON, message: call }).toEqual(signals);
  }
  upstart.close();
  await listening;
  expect(steps.length).toBeGreaterThan(20);
});
