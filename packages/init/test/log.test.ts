import { expect, test } from 'vitest';
import { formatMessage, Log } from '../src/log.js';

test.each([
  { text: 'Handling startup event', line: 'init: Handling startup event\n' },
  { text: '/etc/init/web.conf:3: Unknown stanza', line: 'init:/etc/init/web.conf:3: Unknown stanza\n' },
  { text: 'web main process (7) killed by KILL signal', line: 'init: web main process (7) killed by KILL signal\n' },
  {
    text: 'Failed to spawn web main process: unable to execute',
    line: 'init: Failed to spawn web main process: unable to execute\n',
  },
])('the original writes $line', ({ text, line }) => {
  expect(formatMessage(text)).toBe(line);
});

test.each([
  { priority: 'debug', seen: ['debug', 'info', 'message', 'warn', 'error', 'fatal'] },
  { priority: 'message', seen: ['message', 'warn', 'error', 'fatal'] },
  { priority: 'error', seen: ['error', 'fatal'] },
] as const)('from priority $priority upwards: $seen', ({ priority, seen }) => {
  const lines: string[] = [];
  const log = new Log(priority, (text) => lines.push(text));
  for (const each of ['debug', 'info', 'message', 'warn', 'error', 'fatal'] as const) log.write(each, each);
  expect(lines).toEqual(seen.map((each) => `init: ${each}\n`));
});
