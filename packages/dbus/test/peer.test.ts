import { readlinkSync } from 'node:fs';
import { pinProcess } from '@maverick/spawner';
import { expect, test } from 'vitest';
import { peerOf } from '../src/peer.js';

test.each([
  [process.pid, readlinkSync('/proc/self/root')],
  [0, undefined],
  [2 ** 22 + 1, undefined],
])('the root of process %i is %s', (pid, root) => {
  const peer = peerOf({ pid, uid: 1, gid: 2 }, pinProcess(pid));
  expect({ ...peer }).toEqual({ pid, uid: 1, gid: 2, root });
});
