import { SYSTEM } from '@maverick/engine';
import { describe, expect, test } from 'vitest';
import { jsonLine, kernelRecords, plainText, syslogDatagram } from '../src/log-format.js';

const NOON = new Date(2026, 10, 8, 12, 3, 4);
const message = (text: string) => ({ priority: 'message', text }) as const;

describe('on standard error', () => {
  test.each([
    { text: 'Handling startup event', line: 'init: Handling startup event\n' },
    { text: '/etc/init/web.conf:3: Unknown stanza', line: 'init:/etc/init/web.conf:3: Unknown stanza\n' },
    { text: 'DIR: Unable to load', line: 'init:DIR: Unable to load\n' },
    { text: 'no colon: here', line: 'init: no colon: here\n' },
    { text: 'web (a\ninit: forged\u001b[2J\u0085)', line: 'init: web (a\\ninit: forged\\x1b[2J\\x85)\n' },
  ])('$text', ({ text, line }) => {
    expect(plainText(message(text))).toBe(line);
  });
});

describe('in the kernel log', () => {
  test.each([
    { priority: 'debug', level: 7 },
    { priority: 'info', level: 6 },
    { priority: 'message', level: 5 },
    { priority: 'warn', level: 4 },
    { priority: 'error', level: 3 },
    { priority: 'fatal', level: 2 },
  ] as const)('$priority is level $level', ({ priority, level }) => {
    const text = '/etc/init/web.conf:3: Unknown stanza';
    expect(kernelRecords({ priority, text })).toEqual([`<${level}>init: ${text}\n`]);
  });

  test('a line break makes no record, and a long message several that the kernel takes', () => {
    expect(kernelRecords(message('one\n<0>two'))).toEqual(['<5>init: one\\n<0>two\n']);
    const records = kernelRecords(message('ü😀'.repeat(400)));
    expect(records.length).toBe(4);
    expect(records.map((record) => record.slice('<5>init: '.length, -1)).join('')).toBe('ü😀'.repeat(400));
    for (const record of records) expect(Buffer.byteLength(record)).toBeLessThan(1000);
  });
});

test('syslog gets the form of syslog(3), from LOG_DAEMON', () => {
  expect(syslogDatagram({ priority: 'warn', text: 'hello' }, NOON, 42)).toBe('<28>Nov  8 12:03:04 init[42]: hello');
  expect(syslogDatagram(message('a\nb'), NOON, 42)).toBe('<29>Nov  8 12:03:04 init[42]: a\\nb');
});

describe('as JSON', () => {
  test('the text is whole, on one line', () => {
    const line = jsonLine(message('one\ntwo'), NOON, 42);
    expect(line.trimEnd()).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({
      time: NOON.toISOString(),
      priority: 'message',
      program: 'init',
      pid: 42,
      message: 'one\ntwo',
    });
  });

  test('whom it is about is named', () => {
    const instance = { session: SYSTEM, job: 'web', instance: 'a' };
    expect(JSON.parse(jsonLine({ ...message('x'), instance }, NOON, 1))).toMatchObject({ job: 'web', instance: 'a' });
  });
});
