import { SYSTEM } from '@maverick/engine';
import { expect, test } from 'vitest';
import { Log, type LogMessage } from '../src/log.js';

const collect = (priority: ConstructorParameters<typeof Log>[0]) => {
  const messages: LogMessage[] = [];
  return { messages, log: new Log(priority, (message) => messages.push(message)) };
};

test.each([
  { priority: 'error', seen: ['error', 'fatal'] },
  { priority: 'message', seen: ['message', 'warn', 'error', 'fatal'] },
  { priority: 'debug', seen: ['debug', 'info', 'message', 'warn', 'error', 'fatal'] },
] as const)('at priority $priority $seen are written', ({ priority, seen }) => {
  const { log, messages } = collect(priority);
  for (const each of ['debug', 'info', 'message', 'warn', 'error', 'fatal'] as const) log.write(each, each);
  expect(messages.map(({ text }) => text)).toEqual(seen);
});

test('whom a message is about goes with it', () => {
  const { log, messages } = collect('info');
  const instance = { session: SYSTEM, job: 'web', instance: 'a' };
  log.write('info', 'hello', instance);
  expect(messages).toEqual([{ priority: 'info', text: 'hello', instance }]);
});

test('messages can be sent elsewhere', () => {
  const { log, messages } = collect('info');
  const later: LogMessage[] = [];
  log.write('info', 'before');
  log.sendTo((message) => later.push(message));
  log.write('info', 'after');
  expect([messages, later].map((all) => all.map(({ text }) => text))).toEqual([['before'], ['after']]);
});
