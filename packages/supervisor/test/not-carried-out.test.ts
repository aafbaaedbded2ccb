import { defineJob, parseConf } from '@maverick/conf';
import { describe, expect, test } from 'vitest';
import { notCarriedOut } from '../src/not-carried-out.js';

describe('stanzas that are understood but not carried out', () => {
  test.each([
    ['exec a\nrespawn\nexpect stop\nlog pty\n', []],
    ['expect fork\n', ['expect fork']],
    ['expect fd 3\n', ['expect fd']],
    ['debug\nwatchdog 5\n', ['debug', 'watchdog']],
    ['cgroup memory\ntmpfiles a\nrespawn backoff 1 60\n', ['cgroup', 'tmpfiles']],
    ['log pipe\nlog rotate 1000 2\nlog format json\n', ['log pipe', 'log rotate', 'log format json']],
    ['apparmor switch p\n', ['apparmor switch']],
  ])('%j', (text, expected) => expect(notCarriedOut(defineJob(parseConf(text).conf ?? {}))).toEqual(expected));
});
