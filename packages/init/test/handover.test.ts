import { closeSync, fstatSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConnectTarget, connect } from '@maverick/dbus';
import { memoryFile } from '@maverick/spawner';
import { expect, onTestFinished, test, vi } from 'vitest';
import { missingBus, TestBus } from '../../dbus/test/helpers/bus.js';
import { makeHandover, readHandover } from '../src/handover.js';
import { TestDaemon } from './helpers/test-daemon.js';

vi.setConfig({ testTimeout: 120_000 });

/** How long to look at most; the machine may be busy. */
const SOON = { timeout: 60_000 };

/** What version 0.1.0 has left at a re-exec, kept as it was but for the places of the machine that it was made on. */
const DOCUMENT = readFileSync(join(import.meta.dirname, 'fixtures/handover-1.json'), 'utf8');
const OLDER_STATE = join(import.meta.dirname, 'fixtures/older-state.mjs');

/** The jobs of the daemon that wrote it. */
const FILES = {
  'web.conf': 'start on startup\nrespawn\nexec sleep 1000\n',
  'slow.conf': 'pre-start exec sleep 1000\nexec sleep 1000\n',
  'both.conf': 'start on one and two\nexec sleep 1000\n',
  'told.conf': 'start on startup\nexpect notify\nexec sleep 1000\n',
  'hold.conf': 'start on held\ntask\nexec sleep 1000\n',
};

test('of a document of 0.1.0 every descriptor is known', () => {
  const handover = readHandover(memoryFile(DOCUMENT));
  expect(handover).toEqual(JSON.parse(DOCUMENT));
  const { version, descriptors, ...parts } = handover;
  expect(makeHandover(parts)).toEqual({ version, descriptors, ...parts });
});

const missing = missingBus();

test.skipIf(missing !== undefined)(
  `a daemon goes on from the document of 0.1.0 in the place of its own${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  async () => {
    const bus = await new TestBus('session').start();
    onTestFinished(() => bus.stop());
    const daemon = new TestDaemon({
      files: FILES,
      program: OLDER_STATE,
      env: { DBUS_SESSION_BUS_ADDRESS: bus.address },
    });
    const client = async (target: ConnectTarget = daemon.address) => {
      const upstart = await connect(target);
      onTestFinished(() => upstart.close());
      return upstart;
    };
    const running = (job: string, from = 0): Promise<number> =>
      daemon.out.match(new RegExp(`${job} +(?:.*) → running, process (\\d+)\\n`), from).then(([, pid]) => Number(pid));
    const web = await running('web');
    await vi.waitFor(() => statSync(daemon.sessionFile), SOON);

    // As when it was written, call by call.
    const waits = await client();
    const path = join(daemon.home, 'the file');
    writeFileSync(path, '');
    const fd = openSync(path, 'r');
    onTestFinished(() => closeSync(fd));
    await waits.emitWithFile('one', fd, ['X=1']);
    const started = (await waits.job('slow')).start().catch(String);
    const emitted = waits.emit('held', ['Y=2']).catch(String);
    await daemon.out.match(/slow +.*→ pre-start/);
    const hold = await running('hold');
    const upstart = await client();
    await upstart.restart();

    // The environment of jobs is the one in the document.
    let seen = daemon.out.text.length;
    process.kill(web, 'SIGKILL');
    // A program that is being executed has none for a moment.
    const environ = (pid: number) => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const again = await running('web', seen);
    await expect.poll(() => environ(again), SOON).toContain('HOME=/home/me');
    seen = daemon.out.text.length;
    await upstart.emit('two');
    const { ino } = fstatSync(fd);
    const both = await running('both', seen);
    expect(readdirSync(`/proc/${both}/fd`).map((each) => statSync(`/proc/${both}/fd/${each}`).ino)).toContain(ino);
    await expect.poll(() => environ(both), SOON).toContain('X=1');

    const { processes } = await upstart.instanceAt('/com/ubuntu/Upstart/jobs/slow/_').status();
    expect(processes).toEqual([{ role: 'pre-start', pid: expect.any(Number) }]);
    process.kill(processes[0]?.pid ?? Number.NaN, 'SIGKILL');
    process.kill(hold, 'SIGKILL');
    expect(await started).toMatch('Job failed to start');
    expect(await emitted).toMatch('Event failed');
    expect((await (await client({ bus: bus.address })).list()).map(({ name }) => name).sort()).toEqual(
      Object.keys(FILES)
        .map((name) => name.replace('.conf', ''))
        .sort(),
    );
  },
);
