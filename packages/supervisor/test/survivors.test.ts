import { Spawner } from '@maverick/spawner';
import { expect, onTestFinished, test } from 'vitest';
import { findSurvivors } from '../src/survivors.js';

const RUN = `survivors-${process.pid}`;

test('a process is found from the moment on in which it is there: its program may have no environment yet', () => {
  const spawner = new Spawner({ onChild: () => {}, reapStrangers: false });
  onTestFinished(() => spawner.close());
  for (let number = 0; number < 150; number += 1) {
    const run = `${RUN}-${number}`;
    const env = [`UPSTART_RUN=${run}.7.main`, 'PATH=/usr/bin:/bin'];
    const result = spawner.spawn({ argv: ['sleep', '1000'], env, console: { kind: 'none' } });
    const pid = result.ok ? result.pid : Number.NaN;
    const found = findSurvivors(run)
      .get(7)
      ?.map((survivor) => survivor.pid);
    process.kill(pid, 'SIGKILL');
    expect(found).toEqual([pid]);
  }
});
