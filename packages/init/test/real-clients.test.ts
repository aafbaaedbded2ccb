import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, type UpstartClient, type Value } from '@maverick/dbus';
import { describe, expect, onTestFinished, test } from 'vitest';
import { missingSystemBus, TestBus } from '../../dbus/test/helpers/bus.js';
import { SHIPPED_POLICY } from '../../dbus/test/helpers/policy.js';
import { type StubOnBus, stubOnBus } from '../../dbus/test/helpers/stub-on-bus.js';
import { TestDaemon } from './helpers/test-daemon.js';

/** What programs that people run call, and what they take from the answers: each as its source has it. */

const run = promisify(execFile);
const SOON = { timeout: 60_000 };
const UPSTART = 'com.ubuntu.Upstart0_6';
const MANAGER = '/com/ubuntu/Upstart';
const JOBS = `${MANAGER}/jobs`;
const PYTHON = '/usr/bin/python3';

const missing = missingSystemBus();

interface Stage {
  readonly bus: TestBus;
  readonly daemon: TestDaemon;
  /** What tools need to find the bus, by whichever name. */
  readonly env: Readonly<Record<string, string>>;
}

/** A daemon with these jobs on a bus with the policy of a system's. */
const stage = async (files: Readonly<Record<string, string>>): Promise<Stage> => {
  const bus = await new TestBus('system', { policies: { 'Upstart.conf': SHIPPED_POLICY } }).start();
  onTestFinished(() => bus.stop());
  const daemon = new TestDaemon({ files, env: { DBUS_SESSION_BUS_ADDRESS: bus.address } });
  const probe = await client({ bus: bus.address });
  await expect.poll(() => probe.version().catch(() => ''), SOON).toBe('init (upstart 1.13.2)');
  const { PATH = '' } = process.env;
  const env = { PATH, DBUS_SYSTEM_BUS_ADDRESS: bus.address, DBUS_SESSION_BUS_ADDRESS: bus.address };
  return { bus, daemon, env };
};

const client = async (target: Parameters<typeof connect>[0]): Promise<UpstartClient> => {
  const upstart = await connect(target);
  onTestFinished(() => upstart.close());
  return upstart;
};

/** Settles when the daemon answers on its private socket. */
const answers = async ({ address }: TestDaemon): Promise<void> => {
  const version = async (): Promise<string> => {
    const upstart = await connect(address);
    return upstart.version().finally(() => upstart.close());
  };
  await expect.poll(() => version().catch(() => ''), SOON).toBe('init (upstart 1.13.2)');
};

/** A program on the bus, and how it calls: it names the destination, and takes the first value of the answer. */
const program = async ({ bus }: Stage, listener: Parameters<typeof stubOnBus>[1] = {}) => {
  const stub: StubOnBus = await stubOnBus(bus.address, listener, undefined);
  const call = async (path: string, member: string, signature = '', ...body: Value[]): Promise<Value | undefined> => {
    const [, name = '', method = ''] = /^(.*)\.(\w+)$/.exec(member) ?? [];
    const to = { destination: 'com.ubuntu.Upstart', path, interface: name, member: method };
    return (await stub.connection.call({ ...to, signature, body })).body[0];
  };
  return { ...stub, call };
};

const textOf = (variants: Value | undefined, key: string): unknown =>
  ((variants as ReadonlyMap<string, { value: Value }> | undefined)?.get(key) ?? { value: undefined }).value;

const errorOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no error',
    (error: Error) => `GDBus.Error:${error.name}: ${error.message}`,
  );

describe.skipIf(missing)(
  `clients of Upstart${missing === undefined ? '' : ` (${missing})`}`,
  { timeout: 120_000 },
  () => {
    test('Pacemaker: finds a job, starts it, sees it running, and takes a second start and stop for success', async () => {
      const { call } = await program(await stage({ 'my-db.conf': 'exec sleep 1000', 'other.conf': 'exec sleep 1000' }));
      // It undoes no other escapes than these.
      const undo: Readonly<Record<string, string>> = { _2b: '+', _2c: ',', _2d: '-', _2e: '.', _40: '@', _5f: '_' };
      const paths = (await call(MANAGER, `${UPSTART}.GetAllJobs`)) as string[];
      const names = paths.map((path) => (path.split('/').at(-1) ?? '').replace(/_../g, (code) => undo[code] ?? code));
      expect(names.sort()).toEqual(['my-db', 'other']);
      const job = (await call(MANAGER, `${UPSTART}.GetJobByName`, 's', 'my-db')) as string;
      expect(await call(job, `${UPSTART}.Job.GetAllInstances`)).toEqual([]);
      await call(job, `${UPSTART}.Job.Start`, 'asb', [], true);
      const [instance = ''] = (await call(job, `${UPSTART}.Job.GetAllInstances`)) as string[];
      const properties = await call(instance, 'org.freedesktop.DBus.Properties.GetAll', 's', `${UPSTART}.Instance`);
      expect(textOf(properties, 'state')).toBe('running');
      expect(await errorOf(call(job, `${UPSTART}.Job.Start`, 'asb', [], true))).toContain(
        `${UPSTART}.Error.AlreadyStarted`,
      );
      await call(job, `${UPSTART}.Job.Restart`, 'asb', [], true);
      await call(job, `${UPSTART}.Job.Stop`, 'asb', [], true);
      expect(await errorOf(call(job, `${UPSTART}.Job.Stop`, 'asb', [], true))).toContain(
        `${UPSTART}.Error.UnknownInstance`,
      );
    });

    test('Pacemaker of old: comes by the private socket with a destination, and reads the name of each job', async () => {
      const daemon = new TestDaemon({ files: { 'web.conf': 'exec sleep 1000' } });
      await answers(daemon);
      const { stdout } = await run('dbus-send', [
        '--print-reply=literal',
        '--dest=com.ubuntu.Upstart',
        `--peer=${daemon.address}`,
        `${JOBS}/web`,
        'org.freedesktop.DBus.Properties.Get',
        `string:${UPSTART}.Job`,
        'string:name',
      ]);
      expect(stdout.trim()).toMatch(/^variant\s+web$/);
    });

    test.each([
      ['authpolicyd', 'authpolicyd'],
      ['rtanalytics', 'rtanalytics'],
      ['wilco_dtc_dispatcher', 'wilco_5fdtc_5fdispatcher'],
      ['arc-data-snapshotd', 'arc_2ddata_2dsnapshotd'],
      ['lacros-chrome', 'lacros_2dchrome'],
    ])('Chrome: starts, restarts and stops %s by the path that it knows', async (name, element) => {
      const { call } = await program(await stage({ [`${name}.conf`]: 'exec sleep 1000' }));
      const path = `${JOBS}/${element}`;
      expect(await call(path, `${UPSTART}.Job.Start`, 'asb', ['A=1'], true)).toBe(`${path}/_`);
      expect(await call(path, `${UPSTART}.Job.Restart`, 'asb', [], true)).toBe(`${path}/_`);
      expect(await call(path, `${UPSTART}.Job.Stop`, 'asb', [], true)).toBeUndefined();
    });

    test('session_manager: the answer to an event comes when its jobs are up', async () => {
      const staged = await stage({
        'ui.conf':
          'start on login-prompt-visible USER=u\npre-start exec sh -c "mkfifo $HOME/gate; cat $HOME/gate"\nexec sleep 1000',
      });
      const { call } = await program(staged);
      let answered = false;
      const emitted = call(MANAGER, `${UPSTART}.EmitEvent`, 'sasb', 'login-prompt-visible', ['USER=u'], true).then(
        () => {
          answered = true;
        },
      );
      await staged.daemon.out.match(/ui +.*pre-start/);
      const instance = `${JOBS}/ui/_`;
      const state = () => call(instance, 'org.freedesktop.DBus.Properties.Get', 'ss', `${UPSTART}.Instance`, 'state');
      expect(await state()).toEqual({ signature: 's', value: 'pre-start' });
      expect(answered).toBe(false);
      await expect.poll(() => openGate(join(staged.daemon.home, 'gate')), SOON).toBe(true);
      await emitted;
      expect(await state()).toEqual({ signature: 's', value: 'running' });
    });

    test('shill: one instance of its job for each event, with the environment of the event', async () => {
      const staged = await stage({
        'shill-event.conf':
          "instance $EVENT_NAME\nexport EVENT_NAME IFACE\nexec sh -c 'echo $IFACE > $HOME/$EVENT_NAME; exec sleep 1000'",
      });
      const { call } = await program(staged);
      const path = `${JOBS}/shill_2devent`;
      for (const [event, escaped] of [
        ['online', 'online'],
        ['ip-change', 'ip_2dchange'],
      ] as const) {
        const env = ['IFACE=eth0', `EVENT_NAME=${event}`];
        expect(await call(path, `${UPSTART}.Job.Start`, 'asb', env, false)).toBe(`${path}/${escaped}`);
      }
      const instances = (await call(path, `${UPSTART}.Job.GetAllInstances`)) as string[];
      expect(instances.sort()).toEqual([`${path}/ip_2dchange`, `${path}/online`]);
    });

    test('modemfwd: knows its jobs by their paths, and that one without an instance does not run', async () => {
      const { call } = await program(
        await stage({ 'hermes.conf': 'exec sleep 1000', 'modemfwd-helpers.conf': 'task\nexec true' }),
      );
      const paths = (await call(MANAGER, `${UPSTART}.GetAllJobs`)) as string[];
      expect(paths).toEqual(expect.arrayContaining([`${JOBS}/hermes`, `${JOBS}/modemfwd_2dhelpers`]));
      const running = () =>
        call(`${JOBS}/hermes`, `${UPSTART}.Job.GetInstance`, 'as', []).then(
          () => true,
          () => false,
        );
      expect(await running()).toBe(false);
      await call(`${JOBS}/hermes`, `${UPSTART}.Job.Start`, 'asb', [], true);
      expect(await running()).toBe(true);
      await call(`${JOBS}/hermes`, `${UPSTART}.Job.Stop`, 'asb', [], true);
      expect(await running()).toBe(false);
      await call(`${JOBS}/modemfwd_2dhelpers`, `${UPSTART}.Job.Start`, 'asb', [], true);
    });

    test('usb_bouncer: InstanceRemoved comes from the path of the job', async () => {
      const path = `${JOBS}/usbguard_2don_2dunlock`;
      let heard: (signal: readonly [string, readonly Value[]]) => void = () => {};
      const removed = new Promise<readonly [string, readonly Value[]]>((resolve) => {
        heard = resolve;
      });
      const waiting = await program(await stage({ 'usbguard-on-unlock.conf': 'task\nstart on unlock\nexec true' }), {
        signalled: (_, { path, member, body }) => {
          if (member === 'InstanceRemoved') heard([path, body]);
        },
      });
      const rule = `type='signal',interface='${UPSTART}.Job',member='InstanceRemoved',path='${path}'`;
      await waiting.ask('AddMatch', 's', [rule]);
      await waiting.call(MANAGER, `${UPSTART}.EmitEvent`, 'sasb', 'unlock', [], false);
      expect(await removed).toEqual([path, [`${path}/_`]]);
    });

    test('DSME: an event by the private socket, without a destination and without waiting', async () => {
      const daemon = new TestDaemon({ files: { 'rc.conf': 'start on runlevel RUNLEVEL=6\nexec sleep 1000' } });
      await answers(daemon);
      const args = ['string:runlevel', 'array:string:RUNLEVEL=6,PREVLEVEL=2', 'boolean:false'];
      await run('dbus-send', [`--peer=${daemon.address}`, '--print-reply', MANAGER, `${UPSTART}.EmitEvent`, ...args]);
      await daemon.out.match(/rc +.*running/);
    });

    test('a Perl wrapper: the exit status of GetAll says whether an instance is there', async () => {
      const staged = await stage({ 'my-app.conf': 'exec sleep 1000' });
      const { call } = await program(staged);
      const asks = () =>
        run(
          'dbus-send',
          [
            '--system',
            '--print-reply',
            '--dest=com.ubuntu.Upstart',
            `${JOBS}/my_2dapp/_`,
            'org.freedesktop.DBus.Properties.GetAll',
            'string:',
          ],
          { env: staged.env },
        ).then(
          () => 0,
          ({ code }) => code,
        );
      expect(await asks()).toBe(1);
      await call(`${JOBS}/my_2dapp`, `${UPSTART}.Job.Start`, 'asb', [], true);
      expect(await asks()).toBe(0);
    });

    test('pyupstart: paths by concatenation, processes, and the state as JSON', async ({ skip }) => {
      const staged = await stage({ 'app.conf': 'exec sleep 1000' });
      const script = `
import dbus, dbus.bus, json, os, sys
bus = dbus.bus.BusConnection(sys.argv[1])
name = 'com.ubuntu.Upstart'
job = dbus.Interface(bus.get_object(name, '/com/ubuntu/Upstart/jobs/' + 'app'), 'com.ubuntu.Upstart0_6.Job')
path = job.Start([], True)
instance = dbus.Interface(bus.get_object(name, path), dbus.PROPERTIES_IFACE)
(role, pid), = instance.Get('com.ubuntu.Upstart0_6.Instance', 'processes')
os.kill(pid, 0)
print(role)
upstart = dbus.Interface(bus.get_object(name, '/com/ubuntu/Upstart'), 'com.ubuntu.Upstart0_6')
print(type(json.loads(upstart.GetState())['sessions']).__name__)
job.Restart([], True)
job.Stop([], True)
`;
      const { stdout } = await run(PYTHON, ['-c', script, staged.bus.address]).catch((error: { stderr?: string }) => {
        if (/No module named/.test(error.stderr ?? '')) skip('python3-dbus is not here');
        throw error;
      });
      expect(stdout).toBe('main\nlist\n');
    });

    test('the dconf bridge: reads conditions from the properties that GDBus keeps', async ({ skip }) => {
      const staged = await stage({ 'look.conf': 'start on dconf-changed KEY=x\nexec sleep 1000' });
      const script = `
import sys
from gi.repository import Gio
bus = Gio.DBusConnection.new_for_address_sync(sys.argv[1],
    Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
proxy = Gio.DBusProxy.new_sync(bus, 0, None, 'com.ubuntu.Upstart', '/com/ubuntu/Upstart/jobs/look',
    'com.ubuntu.Upstart0_6.Job', None)
print(proxy.get_cached_property('start_on').unpack())
`;
      const { stdout } = await run(PYTHON, ['-c', script, staged.bus.address]).catch((error: { stderr?: string }) => {
        if (/No module named/.test(error.stderr ?? '')) skip('python3-gi is not here');
        throw error;
      });
      expect(stdout).toBe("[['dconf-changed', 'KEY=x']]\n");
    });

    test('lock-screen scripts: dbus-monitor on the session bus shows the events of the session', async () => {
      const staged = await stage({});
      const monitor = spawn('dbus-monitor', ['--session', `type='signal',interface='${UPSTART}'`], {
        env: staged.env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(async () => {
        monitor.kill();
        if (monitor.exitCode === null && monitor.signalCode === null) await once(monitor, 'exit');
      });
      let said = '';
      monitor.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      const upstart = await client(staged.daemon.address);
      // It says nothing when it is ready: the event is emitted until it is heard.
      await expect
        .poll(async () => {
          await upstart.emit('desktop-lock');
          return said;
        }, SOON)
        .toMatch(/member=EventEmitted\n +string "desktop-lock"/);
    });

    test('re-exec.conf: a call without destination that wants no answer costs the daemon nothing', async () => {
      const daemon = new TestDaemon({ files: { 'web.conf': 'exec sleep 1000' } });
      await answers(daemon);
      const { stdout } = await run('dbus-send', [
        '--type=method_call',
        `--address=${daemon.address}`,
        MANAGER,
        `${UPSTART}.Restart`,
      ]);
      expect(stdout).toBe('');
      expect(await (await client(daemon.address)).version()).toBe('init (upstart 1.13.2)');
    });
  },
);

/** Let go what waits at the gate, once it is there. */
const openGate = (path: string): boolean => {
  try {
    // Refused as long as nobody reads there.
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
};
