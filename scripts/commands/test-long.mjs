// `npm run test:long`: what takes too long for every day. The random ones say their seed; `MAVERICK_SEED=N` repeats it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, install, main, ROOT, StepFailed } from '../lib/setup.mjs';

/** Tests that are part of every run in a short form, and what makes them long. */
const LONG = [
  {
    name: 'a soak of half an hour',
    files: ['packages/init/test/soak.alone.ts'],
    env: { MAVERICK_SOAK_SECONDS: '1800' },
  },
  {
    name: 'fifty crashes',
    files: ['packages/supervisor/test/crash.test.ts'],
    env: { MAVERICK_KILLS: '50' },
  },
  {
    name: 'fifty re-execs and crashes of the daemon',
    files: ['packages/init/test/upheaval.test.ts'],
    env: { MAVERICK_UPHEAVALS: '50' },
  },
  {
    name: 'sessions of five hundred jobs each',
    files: ['packages/init/test/session-crossing.test.ts'],
    env: { MAVERICK_SESSION_JOBS: '500' },
  },
  {
    name: 'a minute of the time bridge',
    files: ['packages/bridges/test/time-bridge.test.ts'],
    env: { MAVERICK_TIME_SECONDS: '60' },
  },
  {
    name: 'a machine of its own',
    files: ['scripts/test/kernel.test.mjs'],
    // MAVERICK_KERNEL=/boot/vmlinuz-VERSION, which QEMU boots.
    env: {},
  },
  {
    name: 'a million events of a user',
    files: ['packages/init/test/session-attacks.test.ts'],
    env: { MAVERICK_FLOOD: '1000000' },
  },
];

const run = ({ name, files, env }) => {
  console.log(`\n== ${name}`);
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...files], {
    cwd: ROOT,
    stdio: 'inherit',
    // What is set by whoever runs this counts more.
    env: { ...env, ...process.env },
  });
  return status === 0;
};

await main((words) => {
  install();
  build();
  const chosen = LONG.filter(({ name }) => words.every((word) => name.includes(word)));
  const failed = chosen.filter((one) => !run(one));
  if (failed.length > 0) throw new StepFailed(failed.map(({ name }) => name).join(', '), 1);
});
