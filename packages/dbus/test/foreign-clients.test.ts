import { execFile, spawnSync } from 'node:child_process';
import { closeSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { type Serving, serve } from './helpers/serving.js';

/** Clients that nobody here wrote must not notice a difference to the original. */

const run = promisify(execFile);
const PYTHON = '/usr/bin/python3';
const JOBS = '/com/ubuntu/Upstart/jobs';

/** Does the program run here? If not, its tests say so and are left out. */
const missing = (program: string, ...args: string[]): string | undefined => {
  const { status, error } = spawnSync(program, args, { stdio: 'ignore' });
  return error || status !== 0 ? `${[program, ...args].join(' ')} does not run here` : undefined;
};

const PROGRAMS = {
  'dbus-send': missing('dbus-send', '--help') && missing('which', 'dbus-send'),
  gdbus: missing('gdbus', 'help') && missing('which', 'gdbus'),
  busctl: missing('busctl', '--version'),
  python3: missing(PYTHON, '-c', 'import dbus'),
};

const fake = () =>
  new FakeModel()
    .add('web', { startOn: { kind: 'match', name: 'started', args: ['JOB=db'] } }, [instanceView('web')])
    .add('we ird.na-me_1');

const output = async (program: string, args: readonly string[]): Promise<string> =>
  (await run(program, args, { timeout: 20_000 })).stdout;

/** The error of a program that is to fail. */
const failure = async (program: string, args: readonly string[]): Promise<string> => {
  const error = await output(program, args).then(
    () => undefined,
    (error: unknown) => error,
  );
  return error instanceof Error && 'stderr' in error ? String(error.stderr) : 'it did not fail';
};

describe('dbus-send', () => {
  const send = ({ address }: Serving, ...args: string[]) => ['--print-reply=literal', `--peer=${address}`, ...args];

  test('lists jobs and starts one', async ({ skip }) => {
    if (PROGRAMS['dbus-send']) skip(PROGRAMS['dbus-send']);
    const serving = serve(fake());
    const list = await output('dbus-send', send(serving, '/com/ubuntu/Upstart', 'com.ubuntu.Upstart0_6.GetAllJobs'));
    expect(list.match(/\/\S+/g)).toEqual([`${JOBS}/web`, `${JOBS}/we_20ird_2ena_2dme_5f1`]);
    const start = ['com.ubuntu.Upstart0_6.Job.Start', 'array:string:K=v', 'boolean:true'];
    expect((await output('dbus-send', send(serving, `${JOBS}/web`, ...start))).trim()).toBe(`${JOBS}/web/_`);
    expect(serving.model.asked).toEqual([{ kind: 'start', job: 'web', env: ['K=v'], wait: true }]);
  });

  test('reads an instance with an empty interface name, and learns that another is gone', async ({ skip }) => {
    if (PROGRAMS['dbus-send']) skip(PROGRAMS['dbus-send']);
    const serving = serve(fake());
    const getAll = ['org.freedesktop.DBus.Properties.GetAll', 'string:'];
    expect(await output('dbus-send', send(serving, `${JOBS}/web/_`, ...getAll))).toMatch(/state\s+variant\s+running/);
    expect(await failure('dbus-send', send(serving, `${JOBS}/web/gone`, ...getAll))).toMatch(
      /^Error org\.freedesktop\.DBus\.Error\.UnknownMethod: Method "GetAll" with signature "s"/,
    );
  });

  test('calls without waiting for an answer', async ({ skip }) => {
    if (PROGRAMS['dbus-send']) skip(PROGRAMS['dbus-send']);
    const serving = serve(fake());
    const args = ['/com/ubuntu/Upstart', 'com.ubuntu.Upstart0_6.ReloadConfiguration'];
    await output('dbus-send', ['--type=method_call', `--peer=${serving.address}`, ...args]);
    await output('dbus-send', send(serving, ...args));
    expect(serving.model.reloads).toBe(2);
  });
});

describe('gdbus', () => {
  const gdbus = (command: string, { address }: Serving, path: string, ...args: string[]) => [
    command,
    '--address',
    address,
    '--dest',
    'com.ubuntu.Upstart',
    '--object-path',
    path,
    ...args,
  ];

  test('calls a method, and shows an error by its name', async ({ skip }) => {
    if (PROGRAMS.gdbus) skip(PROGRAMS.gdbus);
    const serving = serve(fake());
    const call = gdbus('call', serving, '/com/ubuntu/Upstart', '--method', 'com.ubuntu.Upstart0_6.GetJobByName');
    expect(await output('gdbus', [...call, 'web'])).toBe(`(objectpath '${JOBS}/web',)\n`);
    expect(await failure('gdbus', [...call, 'x'])).toContain(
      'GDBus.Error:com.ubuntu.Upstart0_6.Error.UnknownJob: Unknown job: x',
    );
  });

  test('introspects everything', async ({ skip }) => {
    if (PROGRAMS.gdbus) skip(PROGRAMS.gdbus);
    const shown = await output('gdbus', gdbus('introspect', serve(fake()), '/', '--recurse'));
    expect(shown).toContain("readonly aas start_on = [['started', 'JOB=db']];");
    expect(shown).toContain("readonly a(si) processes = [('main', 42)];");
    expect(shown).toContain(`node ${JOBS}/we_20ird_2ena_2dme_5f1 {`);
  });
});

describe('busctl', () => {
  const NAME = 'com.ubuntu.Upstart';

  test('shows the tree', async ({ skip }) => {
    if (PROGRAMS.busctl) skip(PROGRAMS.busctl);
    const tree = await output('busctl', [`--address=${serve(fake()).address}`, '--list', 'tree', NAME]);
    expect(tree.trim().split('\n')).toEqual([
      '/',
      '/com',
      '/com/ubuntu',
      '/com/ubuntu/Upstart',
      JOBS,
      `${JOBS}/we_20ird_2ena_2dme_5f1`,
      `${JOBS}/web`,
      `${JOBS}/web/_`,
    ]);
  });

  test('calls, reads and sets', async ({ skip }) => {
    if (PROGRAMS.busctl) skip(PROGRAMS.busctl);
    const serving = serve(fake());
    const on = [`--address=${serving.address}`];
    const manager = [NAME, '/com/ubuntu/Upstart', 'com.ubuntu.Upstart0_6'];
    expect(await output('busctl', [...on, 'call', ...manager, 'GetJobByName', 's', 'web'])).toBe(`o "${JOBS}/web"\n`);
    expect(await output('busctl', [...on, 'get-property', ...manager, 'version'])).toBe('s "init (upstart 1.13.2)"\n');
    await output('busctl', [...on, 'set-property', ...manager, 'log_priority', 's', 'debug']);
    expect(serving.model.logPriority).toBe('debug');
  });
});

const PYTHON_CLIENT = `
import dbus, dbus.lowlevel, os, sys
bus = dbus.connection.Connection(sys.argv[1])
manager = bus.get_object(None, '/com/ubuntu/Upstart', introspect=False)
upstart = dbus.Interface(manager, 'com.ubuntu.Upstart0_6')
job = bus.get_object(None, upstart.GetJobByName('web'), introspect=False)
print(dict(job.GetAll('com.ubuntu.Upstart0_6.Job', dbus_interface='org.freedesktop.DBus.Properties'))['start_on'][0][1])
try:
    upstart.GetJobByName('nosuch')
except dbus.DBusException as e:
    print(e.get_dbus_name(), e.get_dbus_message())
with open('/etc/passwd') as f:
    upstart.EmitEventWithFile('file-came', ['A=1'], True, dbus.types.UnixFd(f))
print('sent')
`;

test('python3-dbus calls, fails and passes a descriptor', async ({ skip }) => {
  if (PROGRAMS.python3) skip(PROGRAMS.python3);
  const { model, address } = serve(fake());
  const printed = await output(PYTHON, ['-c', PYTHON_CLIENT, address]);
  expect(printed.trim().split('\n')).toEqual([
    'JOB=db',
    'com.ubuntu.Upstart0_6.Error.UnknownJob Unknown job: nosuch',
    'sent',
  ]);
  const [{ emit }] = model.asked as [{ emit: { name: string; fds: number[] } }];
  expect(emit).toMatchObject({ name: 'file-came', env: ['A=1'], wait: true });
  const [fd = -1] = emit.fds;
  expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe('/etc/passwd');
  closeSync(fd);
});
