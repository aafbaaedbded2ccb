// `npm run test:long`: what takes too long for every day. What is chosen at random is the same every day, and another in each
// of these runs, which say their seed; `MAVERICK_SEED=N` repeats it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, install, main, ROOT, StepFailed } from '../lib/setup.mjs';

/** Tests that are part of every run in a short form, and what makes them long. */
const LONG = [
  {
    name: 'properties of two thousand cases each',
    files: [
      'packages/engine/test/properties.test.ts',
      'packages/engine/test/model.test.ts',
      'packages/graph/test/recording.test.ts',
      'packages/supervisor/test/live-configuration-properties.test.ts',
      '--test-timeout=7200000',
    ],
    env: { MAVERICK_RUNS: '2000' },
  },
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

const SEED = process.env.MAVERICK_SEED ?? String(Date.now() % 2 ** 31);

const run = ({ name, files, env }) => {
  console.log(`\n== ${name} (MAVERICK_SEED=${SEED})`);
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...files], {
    cwd: ROOT,
    stdio: 'inherit',
    // What is set by whoever runs this counts more.
    env: { ...env, ...process.env, MAVERICK_SEED: SEED },
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
