import { join } from 'node:path';
import { connect } from '@maverick/dbus';
import { readJournal } from '@maverick/graph';
import { expect, onTestFinished, test, vi } from 'vitest';
import { TestDaemon } from './helpers/test-daemon.js';
import { Invariants } from './soak/invariants.js';
import { Random } from './soak/random.js';
import { soon } from './soak/soon.js';
import { World } from './soak/world.js';

/** So many times each: more in a long run. */
const TIMES = Number(process.env['MAVERICK_UPHEAVALS'] ?? 10);
/** The same one chooses the same things again; how they meet is the kernel's choice. */
const SEED = Number(process.env['MAVERICK_SEED'] ?? 1);
/** At most so many things are done between two upheavals. */
const MOST_ACTIONS = 40;

vi.setConfig({ testTimeout: 120_000 + TIMES * 60_000 });

const ARGS = ['--user', '--no-dbus', '--quiet', '--startup-event', 'go0'];

const connected = async (daemon: TestDaemon) => {
  const client = await vi.waitFor(() => connect(daemon.address), { timeout: 60_000 });
  onTestFinished(() => client.close());
  return client;
};

/** What the journal has of the jobs that a problem is about: their last days, not everybody's. */
const journalOf = ({ home }: TestDaemon, problem: string): string =>
  [...new Set(problem.match(/\bjob\d+\b/g))]
    .flatMap((job) => readJournal(join(home, '.local/state/upstart/journal'), 150, { job }))
    .map((line) => JSON.stringify(line))
    .join('\n');

/** What was seen is said with the seed, the last actions, and what is known of the jobs that it is about. */
const explained = async (
  daemon: () => TestDaemon,
  worlds: readonly World[],
  act: () => Promise<void>,
): Promise<void> => {
  try {
    await act();
  } catch (error) {
    const history = worlds.map((world) => world.history).join('\n-- killed --\n');
    console.log(`seed ${SEED}, the last actions:\n${history}\n\n${journalOf(daemon(), String(error))}`);
    throw error;
  }
};

test(`${TIMES} re-execs at random moments (MAVERICK_SEED=${SEED}): nobody is lost, and everybody is answered`, async () => {
  const random = new Random(SEED);
  const daemon = new TestDaemon({ args: ARGS });
  const client = await connected(daemon);
  // Between its programs a process has no handlers: a signal would end it.
  const world = new World(daemon, client, random, false);
  const invariants = new Invariants(daemon, client);
  await explained(
    () => daemon,
    [world],
    async () => {
      for (let time = 0; time < TIMES; time += 1) {
        for (let action = random.below(MOST_ACTIONS); action >= 0; action -= 1) await world.act();
        const restarted = client.restart();
        for (let action = random.below(MOST_ACTIONS / 4); action > 0; action -= 1) await world.act();
        await soon(restarted, () => 'the answer to a restart');
        await invariants.accounted();
        await invariants.knows(world.defined);
      }
      world.clear();
      await invariants.atRest();
      await world.answered();
      expect(daemon.err.text).not.toMatch(/Internal error|Unable to/);
      daemon.signal('SIGTERM');
      expect(await soon(daemon.ended, () => 'the end after SIGTERM')).toEqual({ code: 0, signal: null });
      expect(daemon.allJobProcesses).toEqual([]);
    },
  );
});

test(`${TIMES} times killed at a random moment (MAVERICK_SEED=${SEED}): the next daemon has every process, and none twice`, async () => {
  const random = new Random(SEED);
  let daemon = new TestDaemon({ args: ARGS });
  let client = await connected(daemon);
  let world = new World(daemon, client, random);
  const worlds = [world];
  await explained(
    () => daemon,
    worlds,
    async () => {
      for (let time = 0; time < TIMES; time += 1) {
        for (let action = random.below(MOST_ACTIONS); action >= 0; action -= 1) await world.act();
        daemon.signal('SIGKILL');
        await soon(daemon.ended, () => 'the end of a killed daemon');
        daemon = new TestDaemon({ args: ARGS, after: daemon });
        client = await connected(daemon);
        world = new World(daemon, client, random);
        worlds.push(world);
        await new Invariants(daemon, client).accounted();
        expect(daemon.err.text).not.toContain('Internal error');
      }
      world.clear();
      await new Invariants(daemon, client).atRest();
      daemon.signal('SIGTERM');
      expect(await soon(daemon.ended, () => 'the end after SIGTERM')).toEqual({ code: 0, signal: null });
      expect(daemon.allJobProcesses).toEqual([]);
    },
  );
});
