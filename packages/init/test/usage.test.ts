import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { InstanceView } from '@maverick/engine';
import { expect, onTestFinished, test } from 'vitest';
import { usagesOf } from '../src/usage.js';

const view = (...pids: number[]): InstanceView => ({
  ref: { session: '', job: 'web', instance: '' },
  goal: 'start',
  state: 'running',
  processes: pids.map((pid, index) => ({ role: 'main', process: index, pid })),
  env: [],
});

test('processes, memory and time of an instance are those of its process and of what descends from it', async () => {
  // The leader of a session, a child, and a grandchild whose parent is gone.
  const script =
    '(sleep 1000 & echo $!) ; sleep 1000 & echo $!; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; wait';
  const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const { pid = -1 } = child;
  onTestFinished(async () => {
    process.kill(-pid, 'SIGKILL');
    await once(child, 'close');
  });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (line === 'done') break;
    lines.push(line);
  }
  const [usage, nothing, gone] = usagesOf([view(pid), view(), view(2 ** 22 + 1)], () => undefined);
  expect([...(usage?.pids ?? [])].sort()).toEqual([pid, ...lines.map(Number)].sort());
  expect(usage?.memoryBytes).toBeGreaterThan(100_000n);
  expect(usage?.cpuMicroseconds).toBeGreaterThan(0n);
  const none = { source: 'proc', pids: [], memoryBytes: 0n, cpuMicroseconds: 0n };
  expect([nothing, gone]).toEqual([none, none]);
});
