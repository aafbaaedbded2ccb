import { defineJob, parseConf } from '@maverick/conf';
import { describe, expect, test } from 'vitest';
import { notCarriedOut } from '../src/not-carried-out.js';

describe('stanzas that are understood but not carried out', () => {
  test.each([
    ['exec a\nrespawn\nexpect stop\nlog pty\n', []],
    ['expect fork\n', ['expect fork']],
    ['expect fd 3\n', ['expect fd']],
    ['debug\nwatchdog 5\n', ['watchdog']],
    ['cgroup memory\ntmpfiles a\nrespawn backoff 1 60\n', []],
    ['log pipe\nlog rotate 1000 2\nlog format json\n', []],
    ['apparmor switch p\n', []],
  ])('%j', (text, expected) => expect(notCarriedOut(defineJob(parseConf(text).conf ?? {}))).toEqual(expected));
});
