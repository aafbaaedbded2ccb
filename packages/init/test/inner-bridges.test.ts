import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from './helpers/temp-dir.js';
import { TestDaemon } from './helpers/test-daemon.js';

test('the sockets of a bridge inside are there before the startup event', async () => {
  const path = join(tempDir(), 'socket');
  const daemon = new TestDaemon({
    args: ['--user', '--live', '--bridge', 'socket'],
    files: {
      'served.conf': `start on socket PROTO=unix PATH=${path}\nexec sleep 1000\n`,
      'first.conf': `start on startup\ntask\nexec test -S ${path}\n`,
    },
  });
  await daemon.out.match(/ first +.* → waiting\n/);
  expect(daemon.out.text).not.toMatch(/ first +failed/);
});

test('a bridge that there is not is said before anything begins', async () => {
  const daemon = new TestDaemon({ args: ['--user', '--bridge', 'time,sockets'] });
  expect(await daemon.ended).toEqual({ code: 1, signal: null });
  expect(daemon.err.text).toMatch(/--bridge: 'sockets' is none of socket, .*time/);
});
