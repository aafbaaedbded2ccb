import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { compileWithLibdbus } from './helpers/compile.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { missingPlace, openPlace, PLACE_KINDS, type Place } from './helpers/places.js';

/** Clients that nobody here wrote must not notice a difference to the original, whatever way they come. */

const run = promisify(execFile);
const PYTHON = '/usr/bin/python3';
const MANAGER = '/com/ubuntu/Upstart';
const JOBS = `${MANAGER}/jobs`;
const UPSTART = 'com.ubuntu.Upstart0_6';

/** Does the program run here? If not, its tests say so and are left out. */
const missing = (program: string, ...args: string[]): string | undefined => {
  const { status, error } = spawnSync(program, args, { stdio: 'ignore' });
  return error || status !== 0 ? `${[program, ...args].join(' ')} does not run here` : undefined;
};

const libdbus = compileWithLibdbus('libdbus-client');
afterAll(libdbus.dispose);

const PROGRAMS = {
  'dbus-send': missing('dbus-send', '--help') && missing('which', 'dbus-send'),
  gdbus: missing('gdbus', 'help') && missing('which', 'gdbus'),
  busctl: missing('busctl', '--version'),
  python3: missing(PYTHON, '-c', 'import dbus.mainloop.glib; from gi.repository import GLib'),
  libdbus: libdbus.missing,
};

const fake = () =>
  new FakeModel()
    .add('web', { startOn: { kind: 'match', name: 'started', args: ['JOB=db'] } }, [instanceView('web')])
    .add('we ird.na-me_1');

const output = async (program: string, args: readonly string[]): Promise<string> =>
  (await run(program, args, { timeout: 60_000 })).stdout;

/** The error of a program that is to fail. */
const failure = async (program: string, args: readonly string[]): Promise<string> => {
  const error = await output(program, args).then(
    () => undefined,
    (error: unknown) => error,
  );
  return error instanceof Error && 'stderr' in error ? String(error.stderr) : 'it did not fail';
};

/** Start a program that goes on by itself. @returns what waits until its output has this text */
const watching = (program: string, args: readonly string[]) => {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });
  let said = '';
  let changed: () => void = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      changed();
    });
  }
  child.on('close', () => {
    said += '\0';
    changed();
  });
  return {
    until: async (text: string): Promise<string> => {
      while (!said.includes(text)) {
        if (said.endsWith('\0')) throw new Error(`${program} ended without ${JSON.stringify(text)}: ${said}`);
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
      }
      return said;
    },
  };
};

/** The descriptor that came with the one event that was emitted. */
const emittedFile = ({ model }: Place): string => {
  const event = model.asked.map((asked) => (asked as { emit?: { fds?: number[] } }).emit).find((emit) => emit?.fds);
  const [fd = -1] = event?.fds ?? [];
  const path = readlinkSync(`/proc/self/fd/${fd}`);
  closeSync(fd);
  return path;
};

const jobAdded = ({ model }: Place): void => model.notify({ kind: 'job-added', session: '', job: 'late' });

/** After what makes `bus` and `DEST`. */
const PYTHON_CLIENT = `
import dbus.mainloop.glib
from gi.repository import GLib
manager = bus.get_object(DEST, '/com/ubuntu/Upstart', introspect=False)
upstart = dbus.Interface(manager, 'com.ubuntu.Upstart0_6')
job = bus.get_object(DEST, upstart.GetJobByName('web'), introspect=False)
print(dict(job.GetAll('com.ubuntu.Upstart0_6.Job', dbus_interface='org.freedesktop.DBus.Properties'))['start_on'][0][1])
try:
    upstart.GetJobByName('nosuch')
except dbus.DBusException as e:
    print(e.get_dbus_name(), e.get_dbus_message())
with open('/etc/passwd') as f:
    upstart.EmitEventWithFile('file-came', ['A=1'], True, dbus.types.UnixFd(f))
print('sent')
loop = GLib.MainLoop()
bus.add_signal_receiver(lambda path: (print('added', path), loop.quit()), 'JobAdded', 'com.ubuntu.Upstart0_6')
upstart.GetAllJobs()
print('listening')
loop.run()
`;

describe.each(PLACE_KINDS)('on %s', { timeout: 120_000 }, (kind) => {
  /** A daemon there, or the reason why the test is left out. */
  const open = async (tool: keyof typeof PROGRAMS, skip: (reason: string) => void, model = fake()): Promise<Place> => {
    const reason = PROGRAMS[tool] ?? missingPlace(kind);
    if (reason !== undefined) skip(reason);
    return openPlace(kind, model);
  };

  describe('dbus-send', () => {
    const send = ({ dbusSend }: Place, ...args: string[]) => ['--print-reply=literal', ...dbusSend, ...args];

    test('lists jobs and starts one', async ({ skip }) => {
      const place = await open('dbus-send', skip);
      const list = await output('dbus-send', send(place, MANAGER, `${UPSTART}.GetAllJobs`));
      expect(list.match(/\/\S+/g)).toEqual([`${JOBS}/web`, `${JOBS}/we_20ird_2ena_2dme_5f1`]);
      const start = [`${UPSTART}.Job.Start`, 'array:string:K=v', 'boolean:true'];
      expect((await output('dbus-send', send(place, `${JOBS}/web`, ...start))).trim()).toBe(`${JOBS}/web/_`);
      expect(place.model.asked).toEqual([{ kind: 'start', job: 'web', env: ['K=v'], wait: true }]);
    });

    test('reads an instance with an empty interface name, and learns that another is gone', async ({ skip }) => {
      const place = await open('dbus-send', skip);
      const getAll = ['org.freedesktop.DBus.Properties.GetAll', 'string:'];
      expect(await output('dbus-send', send(place, `${JOBS}/web/_`, ...getAll))).toMatch(/state\s+variant\s+running/);
      expect(await failure('dbus-send', send(place, `${JOBS}/web/gone`, ...getAll))).toMatch(
        /^Error org\.freedesktop\.DBus\.Error\.UnknownMethod: Method "GetAll" with signature "s"/,
      );
    });

    // Who leaves a bus before the bus is asked who it is can't be told from anybody: as with the original.
    test.skipIf(kind !== 'the private socket')('calls without waiting for an answer', async ({ skip }) => {
      const place = await open('dbus-send', skip);
      const args = [MANAGER, `${UPSTART}.ReloadConfiguration`];
      await output('dbus-send', ['--type=method_call', ...place.dbusSend, ...args]);
      await output('dbus-send', send(place, ...args));
      expect(place.model.reloads).toBe(2);
    });
  });

  describe('gdbus', () => {
    const gdbus = (command: string, { gdbus }: Place, path: string, ...args: string[]) => [
      command,
      ...gdbus,
      '--object-path',
      path,
      ...args,
    ];

    test('calls a method, and shows an error by its name', async ({ skip }) => {
      const place = await open('gdbus', skip);
      const call = gdbus('call', place, MANAGER, '--method', `${UPSTART}.GetJobByName`);
      expect(await output('gdbus', [...call, 'web'])).toBe(`(objectpath '${JOBS}/web',)\n`);
      expect(await failure('gdbus', [...call, 'x'])).toContain(
        `GDBus.Error:${UPSTART}.Error.UnknownJob: Unknown job: x`,
      );
    });

    test('introspects everything', async ({ skip }) => {
      const shown = await output('gdbus', gdbus('introspect', await open('gdbus', skip), '/', '--recurse'));
      expect(shown).toContain("readonly aas start_on = [['started', 'JOB=db']];");
      expect(shown).toContain("readonly a(si) processes = [('main', 42)];");
      expect(shown).toContain(`node ${JOBS}/we_20ird_2ena_2dme_5f1 {`);
    });

    test('monitors what happens', async ({ skip }) => {
      const place = await open('gdbus', skip);
      // Into a pipe it would say everything at its end.
      const monitor = watching('stdbuf', ['-oL', 'gdbus', 'monitor', ...place.gdbus]);
      await monitor.until('is owned by');
      // It says so a moment before it knows for itself whose signals it takes.
      const again = setInterval(() => jobAdded(place), 50);
      onTestFinished(() => clearInterval(again));
      const added = `${MANAGER}: ${UPSTART}.JobAdded (objectpath '${JOBS}/late',)`;
      expect(await monitor.until(added)).toContain('is owned by');
    });
  });

  describe('busctl', () => {
    const NAME = 'com.ubuntu.Upstart';

    test('shows the tree', async ({ skip }) => {
      const tree = await output('busctl', [...(await open('busctl', skip)).busctl, '--list', 'tree', NAME]);
      expect(tree.trim().split('\n')).toEqual([
        '/',
        '/com',
        '/com/ubuntu',
        MANAGER,
        JOBS,
        `${JOBS}/we_20ird_2ena_2dme_5f1`,
        `${JOBS}/web`,
        `${JOBS}/web/_`,
      ]);
    });

    test('introspects an object', async ({ skip }) => {
      const { busctl } = await open('busctl', skip);
      const shown = await output('busctl', [...busctl, '--list', 'introspect', NAME, `${JOBS}/web`]);
      const columns = shown.split('\n').map((line) => line.trim().split(/\s+/));
      expect(columns).toContainEqual(['.Start', 'method', 'asb', 'o', '-']);
      expect(columns).toContainEqual(['.name', 'property', 's', '"web"', 'emits-change']);
      expect(columns).toContainEqual([`${UPSTART}.Job`, 'interface', '-', '-', '-']);
    });

    test('calls, reads and sets', async ({ skip }) => {
      const { busctl, model } = await open('busctl', skip);
      const manager = [NAME, MANAGER, UPSTART];
      const call = [...busctl, 'call', ...manager, 'GetJobByName', 's', 'web'];
      expect(await output('busctl', call)).toBe(`o "${JOBS}/web"\n`);
      const version = [...busctl, 'get-property', ...manager, 'version'];
      expect(await output('busctl', version)).toBe('s "init (upstart 1.13.2)"\n');
      await output('busctl', [...busctl, 'set-property', ...manager, 'log_priority', 's', 'debug']);
      expect(model.logPriority).toBe('debug');
    });

    test('monitors what happens', async ({ skip }) => {
      const place = await open('busctl', skip);
      const monitor = watching('busctl', [...place.busctl, 'monitor', NAME]);
      await monitor.until('Monitoring bus message stream');
      jobAdded(place);
      expect(await monitor.until(`OBJECT_PATH "${JOBS}/late"`)).toContain('Member=JobAdded');
    });
  });

  test('dbus-monitor shows what happens', async ({ skip }) => {
    const place = await open('dbus-send', skip);
    const rule = `type='signal',interface='${UPSTART}'`;
    const monitor = watching('stdbuf', ['-oL', 'dbus-monitor', '--address', place.address, rule]);
    // It says nothing of itself when it is ready.
    const again = setInterval(() => jobAdded(place), 50);
    onTestFinished(() => clearInterval(again));
    expect(await monitor.until(`object path "${JOBS}/late"`)).toContain('member=JobAdded');
  });

  test('python3-dbus calls, fails, passes a descriptor and hears signals', async ({ skip }) => {
    const place = await open('python3', skip);
    const client = watching(PYTHON, ['-u', '-c', `${place.python}${PYTHON_CLIENT}`, place.address]);
    expect((await client.until('listening')).trim().split('\n')).toEqual([
      'JOB=db',
      `${UPSTART}.Error.UnknownJob Unknown job: nosuch`,
      'sent',
      'listening',
    ]);
    expect(emittedFile(place)).toBe('/etc/passwd');
    jobAdded(place);
    await client.until(`added ${JOBS}/late`);
  });

  test('a program in C calls, fails, passes a descriptor and hears signals', async ({ skip }) => {
    const place = await open('libdbus', skip);
    const how = kind === 'the private socket' ? 'peer' : 'bus';
    const client = watching(libdbus.program, [how, place.address]);
    expect((await client.until('listening')).trim().split('\n')).toEqual([
      `${JOBS}/web`,
      `${JOBS}/we_20ird_2ena_2dme_5f1`,
      `GetJobByName: ${UPSTART}.Error.UnknownJob: Unknown job: nosuch`,
      `started ${JOBS}/web/_`,
      'sent a descriptor',
      'listening',
    ]);
    expect(emittedFile(place)).toBe('/etc/passwd');
    jobAdded(place);
    await client.until(`added ${JOBS}/late`);
  });
});
