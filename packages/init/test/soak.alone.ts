import { connect } from '@maverick/dbus';
import { expect, onTestFinished, test, vi } from 'vitest';
import { TestDaemon } from './helpers/test-daemon.js';
import { Invariants, type Weight } from './soak/invariants.js';
import { Random } from './soak/random.js';
import { soon } from './soak/soon.js';
import { World } from './soak/world.js';

/** `npm run test:long` takes half an hour, CI a minute. */
const SECONDS = Number(process.env['MAVERICK_SOAK_SECONDS'] ?? 10);
/** The same one chooses the same things again; how they meet is the kernel's choice. */
const SEED = Number(process.env['MAVERICK_SEED'] ?? 1);

/** Everything comes to rest so often. */
const ROUND_ACTIONS = 400;
/** What is between two weighings of a daemon that does not grow, in its files: a log or a client more or less. */
const FILES_SLACK = 10;
/** The heap breathes: garbage is collected when it is worth it. */
const RESIDENT_SLACK_KIB = 24 * 1024;
const MOST_STATE_BYTES = 8 * 1024 * 1024;

vi.setConfig({ testTimeout: SECONDS * 1000 + 600_000 });

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** From the second weighing on, when everything has been used once: the last third is no heavier than the first. */
const checkGrowth = (weights: readonly Weight[]): void => {
  const settled = weights.slice(1);
  const third = Math.max(1, Math.floor(settled.length / 3));
  const grown = (what: keyof Weight): number =>
    middle(settled.slice(-third).map((weight) => weight[what])) -
    middle(settled.slice(0, third).map((weight) => weight[what]));
  expect(grown('files'), 'open files').toBeLessThanOrEqual(FILES_SLACK);
  expect(grown('residentKiB'), 'KiB of memory').toBeLessThanOrEqual(RESIDENT_SLACK_KIB);
  expect(Math.max(...weights.map(({ stateBytes }) => stateBytes)), 'bytes of state').toBeLessThan(MOST_STATE_BYTES);
};

test(`${SECONDS} s of jobs that change, events, commands and kills (MAVERICK_SEED=${SEED}): nobody is lost, nothing is left, nothing grows`, async () => {
  console.log(`soak: seed ${SEED}`);
  const random = new Random(SEED);
  const daemon = new TestDaemon({ args: ['--user', '--no-dbus', '--quiet', '--startup-event', 'go0'] });
  await vi.waitFor(async () => (await connect(daemon.address)).close(), { timeout: 60_000 });
  const client = await connect(daemon.address);
  onTestFinished(() => client.close());
  const world = new World(daemon, client, random);
  const invariants = new Invariants(daemon, client);
  const weights: Weight[] = [];
  const end = Date.now() + SECONDS * 1000;
  try {
    do {
      for (let action = 0; action < ROUND_ACTIONS; action += 1) {
        await world.act();
        if (random.next() < 0.3) await client.version();
      }
      await invariants.accounted();
      await invariants.knows(world.defined);
      world.clear();
      await invariants.atRest();
      await world.answered();
      weights.push(invariants.weight());
    } while (Date.now() < end);
    checkGrowth(weights);
    expect(daemon.err.text).not.toContain('Internal error');
    daemon.signal('SIGTERM');
    expect(await soon(daemon.ended, () => 'the end after SIGTERM')).toEqual({ code: 0, signal: null });
    expect(daemon.jobProcesses()).toEqual([]);
  } catch (error) {
    console.log(`soak: seed ${SEED}, after ${world.actions} actions, the last of which were\n${world.history}`);
    throw error;
  } finally {
    console.log(
      `soak: ${world.actions} actions, ${weights.length} times at rest, ${JSON.stringify(weights.slice(-1))}`,
    );
  }
});
