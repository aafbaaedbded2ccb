import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type UpstartClient } from '@maverick/dbus';
import { describe, expect, onTestFinished, test } from 'vitest';
import { missingBus, TestBus } from '../../dbus/test/helpers/bus.js';
import { stubOnBus } from '../../dbus/test/helpers/stub-on-bus.js';
import { TestDaemon, type TestDaemonOptions } from './helpers/test-daemon.js';

/** How long to look at most; the machine may be busy. */
const SOON = { timeout: 60_000 };

const missing = missingBus();
const SERVER = 'com.example.Server';
const NAMED_SERVICE = join(import.meta.dirname, 'fixtures/named-service.mjs');
const JOB_FAILED = 'com.ubuntu.Upstart0_6.Error.JobFailed';

/** A job that shows that the daemon has begun. */
const UP = { 'up.conf': 'start on startup\nexec sleep 1000' };

const startBus = async (...args: string[]): Promise<TestBus> => {
  const bus = await new TestBus('session', { args }).start();
  onTestFinished(() => bus.stop());
  return bus;
};

const client = async (target: Parameters<typeof connect>[0]): Promise<UpstartClient> => {
  const upstart = await connect(target);
  onTestFinished(() => upstart.close());
  return upstart;
};

/** Settles when the daemon has its name on the bus: it answers there. */
const onBus = async (bus: TestBus): Promise<UpstartClient> => {
  const upstart = await client({ bus: bus.address });
  await expect.poll(() => upstart.version().catch(() => ''), SOON).toBe('init (upstart 1.13.2)');
  return upstart;
};

const daemonAt = (bus: TestBus, options: TestDaemonOptions = {}): TestDaemon =>
  new TestDaemon({ ...options, env: { DBUS_SESSION_BUS_ADDRESS: bus.address, ...options.env } });

describe.skipIf(missing)(
  `a daemon and its session's bus${missing === undefined ? '' : ` (${missing})`}`,
  { timeout: 120_000 },
  () => {
    test('are together from the start, and again when the bus has been away', async () => {
      const bus = await startBus();
      const daemon = daemonAt(bus, { files: { 'web.conf': 'exec sleep 1000' } });
      const upstart = await onBus(bus);
      await upstart.job('web').start();
      expect(await upstart.job('web').then((job) => job.instances())).toHaveLength(1);
      await bus.end();
      await daemon.err.match(/init: Disconnected from D-Bus session bus\n/);
      await bus.start();
      daemon.signal('SIGUSR1');
      expect((await (await onBus(bus)).list())[0]?.instances).toHaveLength(1);
    });

    test('meet when a client says where it is', async () => {
      const bus = await startBus();
      const daemon = new TestDaemon({ args: ['--user', '--live', '--no-dbus'], files: UP });
      await daemon.out.match(/up +.*running/);
      const upstart = await client(daemon.address);
      await expect(upstart.notifyDBusAddress('unix:path=/nonexistent')).rejects.toMatchObject({
        name: 'org.freedesktop.DBus.Error.FileNotFound',
      });
      await upstart.notifyDBusAddress(bus.address);
      expect(await (await client({ bus: bus.address })).version()).toBe('init (upstart 1.13.2)');
      await upstart.notifyDBusAddress('unix:path=/nonexistent');
    });

    test('--no-dbus keeps them apart', async () => {
      const bus = await startBus();
      const daemon = daemonAt(bus, { args: ['--user', '--live', '--no-dbus'], files: UP });
      await daemon.out.match(/up +.*running/);
      await (await client(daemon.address)).version();
      const watcher = await stubOnBus(bus.address, {}, 'com.example.Watcher');
      expect(await watcher.ask('NameHasOwner', 's', ['com.ubuntu.Upstart'])).toEqual([false]);
    });

    test('what a client sets is told to the bus, and what the bus is told reaches the jobs, once', async () => {
      const bus = await startBus('--systemd-activation');
      daemonAt(bus);
      const upstart = await onBus(bus);
      await upstart.setEnv(['FROM_CLIENT=a=b']);
      // What is there already is kept, and so it is by the bus, which would give it back.
      await upstart.setEnv(['FROM_CLIENT=c'], { replace: false });
      const watcher = await stubOnBus(bus.address, {}, 'com.example.Watcher');
      await watcher.ask('UpdateActivationEnvironment', 'a{ss}', [new Map([['FROM_BUS', 'c=d']])]);
      await expect.poll(() => upstart.listEnv(), SOON).toContain('FROM_BUS=c=d');
      expect((await upstart.listEnv()).filter((entry) => entry.startsWith('FROM_'))).toEqual([
        'FROM_CLIENT=a=b',
        'FROM_BUS=c=d',
      ]);
    });
  },
);

describe.skipIf(missing)(
  `activation by a real bus${missing === undefined ? '' : ` (${missing})`}`,
  { timeout: 120_000 },
  () => {
    const stage = async (conf: string) => {
      const bus = await startBus('--systemd-activation');
      bus.addService(SERVER, ['Exec=/bin/false', `SystemdService=${SERVER}`]);
      const daemon = daemonAt(bus, { files: { 'server.conf': conf } });
      await onBus(bus);
      const caller = await stubOnBus(bus.address, {}, 'com.example.Caller');
      const call = () =>
        caller.connection.call({
          destination: SERVER,
          path: '/com/ubuntu/Upstart',
          interface: 'com.ubuntu.Upstart0_6',
          member: 'GetAllJobs',
          signature: '',
          body: [],
        });
      return { bus, daemon, call };
    };

    test('the first call starts the job and is answered', async () => {
      const start = `start on dbus-activation ${SERVER}`;
      const { daemon, call } = await stage(
        `${start}\nexport NAME BUS UNIT\nexec sh -c 'env > $HOME/seen; exec ${process.execPath} ${NAMED_SERVICE} ${SERVER}'`,
      );
      expect((await call()).body).toEqual([['/com/ubuntu/Upstart/jobs/lamp']]);
      const seen = readFileSync(join(daemon.home, 'seen'), 'utf8').split('\n');
      expect(seen).toEqual(expect.arrayContaining([`NAME=${SERVER}`, 'BUS=session', `UNIT=${SERVER}`]));
    });

    test.each([
      [
        'a job whose pre-start fails',
        `start on dbus-activation ${SERVER}\npre-start exec false\nexec sleep 1000`,
        JOB_FAILED,
      ],
      ['a job that can not be started', `start on dbus-activation ${SERVER}\nexec /no/such/program`, JOB_FAILED],
      ['a job that runs and quits without the name', `start on dbus-activation ${SERVER}\nexec sleep 0.1`, JOB_FAILED],
      ['a task that brings no name', `start on dbus-activation ${SERVER}\ntask\nexec true`, JOB_FAILED],
      [
        'a job whose state does not hold',
        `start on dbus-activation ${SERVER}\nwhile maintenance\nexec sleep 1000`,
        JOB_FAILED,
      ],
      [
        'a job whose instance has no name',
        `start on dbus-activation ${SERVER}\ninstance $NOSUCH\nexec sleep 1000`,
        JOB_FAILED,
      ],
      ['no job at all', 'exec sleep 1000', 'com.ubuntu.Upstart0_6.Error.UnknownJob'],
    ])('%s answers the caller at once', async (_, conf, name) => {
      const { call } = await stage(conf);
      await expect(call()).rejects.toMatchObject({ name });
    });
  },
);
