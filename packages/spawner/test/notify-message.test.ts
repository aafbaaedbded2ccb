import { expect, test } from 'vitest';
import { parseNotify } from '../src/notify-message.js';

test.each([
  { text: 'READY=1', message: { ready: true } },
  { text: 'READY=1\n', message: { ready: true } },
  { text: 'READY=1\0', message: { ready: true } },
  { text: 'READY=0', message: {} },
  { text: 'ready=1', message: {} },
  {
    text: 'READY=1\nSTATUS=Serving 3 of 4 = most\nMAINPID=17',
    message: { ready: true, status: 'Serving 3 of 4 = most', mainPid: 17 },
  },
  { text: 'STATUS=', message: { status: '' } },
  { text: 'STATUS=größer', message: { status: 'größer' } },
  { text: 'STATUS=one\nSTATUS=two', message: { status: 'two' } },
  { text: 'RELOADING=1\nMONOTONIC_USEC=123456789012', message: { reloading: true, monotonicUsec: 123456789012 } },
  { text: 'STOPPING=1\nERRNO=0', message: { stopping: true, errno: 0 } },
  { text: 'WATCHDOG=1', message: { watchdog: 'alive' } },
  { text: 'WATCHDOG=trigger', message: { watchdog: 'trigger' } },
  { text: 'WATCHDOG=2', message: {} },
  { text: 'WATCHDOG_USEC=5000000', message: { watchdogUsec: 5_000_000 } },
  { text: 'EXTEND_TIMEOUT_USEC=1', message: { extendTimeoutUsec: 1 } },
  { text: 'BARRIER=1', message: { barrier: true } },
  { text: 'FDSTORE=1\nFDNAME=a name', message: { fdStore: true, fdName: 'a name' } },
  { text: 'FDSTOREREMOVE=1\nFDNAME=x', message: { fdStoreRemove: true, fdName: 'x' } },
  { text: 'FDSTORE=1\nFDNAME=a:b', message: { fdStore: true } },
  { text: 'MAINPID=0', message: {} },
  { text: 'MAINPID=-1', message: {} },
  { text: 'MAINPID=1e3', message: {} },
  { text: 'MAINPID= 17', message: {} },
  { text: 'MAINPID=99999999999999999999', message: {} },
  { text: '__proto__=1\nconstructor=1\n=\n\n==', message: {} },
  { text: '', message: {} },
  { text: 'no assignment at all', message: {} },
  { text: 'READY=1\0READY=1', message: undefined },
  { text: '\0\0', message: undefined },
])('$text', ({ text, message }) => {
  expect(parseNotify(text)).toEqual(message);
});
