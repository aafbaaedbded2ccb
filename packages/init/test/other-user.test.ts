import { type ExecFileException, execFile, spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@maverick/dbus';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type BusKind, missingBus, TestBus } from '../../dbus/test/helpers/bus.js';
import { SHIPPED_POLICY } from '../../dbus/test/helpers/policy.js';
import { tempDir } from './helpers/temp-dir.js';
import { TestDaemon } from './helpers/test-daemon.js';

/** Prints what a socket says to who comes. */
const HEAR = "require('node:net').connect(process.argv[1]).on('error', console.error).pipe(process.stdout)";

/** What another user may do, tried as one: on the private socket, and on buses with and without a policy. */

const UPSTART = 'com.ubuntu.Upstart0_6';
const INIT1 = 'org.maverick.Init1';
const PROPERTIES = 'org.freedesktop.DBus.Properties';
const MANAGER = '/com/ubuntu/Upstart';
const JOB = `${MANAGER}/jobs/web`;
const INSTANCE = `${JOB}/_`;
const SOON = { timeout: 60_000 };
const LIMIT_MS = 60_000;

/** A user of the test's own, that is gone with it. */
const makeUser = (): { name: string; uid: number } => {
  const name = `maverick-test-${process.pid}`;
  const { status, stderr } = spawnSync('useradd', ['--no-create-home', '--shell', '/bin/sh', name], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`useradd: ${stderr}`);
  onTestFinished(() => void spawnSync('userdel', [name]));
  const { stdout } = spawnSync('id', ['-u', name], { encoding: 'utf8' });
  return { name, uid: Number(stdout) };
};

const has = (program: string): boolean => spawnSync('which', [program], { stdio: 'ignore' }).status === 0;

const missing =
  process.getuid?.() === 0
    ? (missingBus() ?? (['useradd', 'userdel', 'setpriv', 'dbus-send'].every(has) ? undefined : 'a tool is missing'))
    : 'only root can become another user';

/** Run dbus-send as a user. @returns the error that it prints, or `allowed` */
const sendAs = (uid: number, where: readonly string[], path: string, member: string, args: readonly string[]) =>
  new Promise<string>((resolve) => {
    const command = ['dbus-send', '--print-reply', ...where, path, member, ...args];
    const identity = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
    const done = (error: ExecFileException | null, _: string, stderr: string) =>
      resolve(error === null ? 'allowed' : stderr.trim());
    execFile('setpriv', [...identity, ...command], { timeout: LIMIT_MS }, done);
  });

type Row = readonly [path: string, member: string, ...args: string[]];

/** What only tells what is there. */
const READING: readonly Row[] = [
  [MANAGER, 'org.freedesktop.DBus.Introspectable.Introspect'],
  [MANAGER, `${PROPERTIES}.Get`, `string:${UPSTART}`, 'string:version'],
  [JOB, `${PROPERTIES}.GetAll`, `string:${UPSTART}.Job`],
  [INSTANCE, `${PROPERTIES}.GetAll`, 'string:'],
  [MANAGER, `${UPSTART}.GetJobByName`, 'string:web'],
  [MANAGER, `${UPSTART}.GetAllJobs`],
  [JOB, `${UPSTART}.Job.GetInstance`, 'array:string:'],
  [JOB, `${UPSTART}.Job.GetInstanceByName`, 'string:'],
  [JOB, `${UPSTART}.Job.GetAllInstances`],
  [MANAGER, `${INIT1}.ListJobs`],
  [MANAGER, `${INIT1}.ListDefinitions`],
  [MANAGER, `${INIT1}.States`],
  [MANAGER, `${INIT1}.Explain`, 'array:string:web'],
];

/** What changes something, or tells what is not everybody's. */
const CHANGING: readonly Row[] = [
  [MANAGER, `${UPSTART}.ReloadConfiguration`],
  [MANAGER, `${UPSTART}.GetState`],
  [MANAGER, `${UPSTART}.Restart`],
  [MANAGER, `${UPSTART}.EmitEvent`, 'string:x', 'array:string:', 'boolean:false'],
  [MANAGER, `${UPSTART}.GetEnv`, 'array:string:', 'string:PATH'],
  [MANAGER, `${UPSTART}.ListEnv`, 'array:string:'],
  [MANAGER, `${UPSTART}.SetEnv`, 'array:string:', 'string:A=1', 'boolean:true'],
  [MANAGER, `${UPSTART}.SetEnvList`, 'array:string:', 'array:string:A=1', 'boolean:true'],
  [MANAGER, `${UPSTART}.UnsetEnv`, 'array:string:', 'string:PATH'],
  [MANAGER, `${UPSTART}.UnsetEnvList`, 'array:string:', 'array:string:PATH'],
  [MANAGER, `${UPSTART}.ResetEnv`, 'array:string:'],
  [MANAGER, `${UPSTART}.NotifyDiskWriteable`],
  [MANAGER, `${UPSTART}.NotifyDBusAddress`, 'string:unix:path=/x'],
  [MANAGER, `${UPSTART}.NotifyCGroupManagerAddress`, 'string:unix:path=/x'],
  [MANAGER, `${UPSTART}.EndSession`],
  [MANAGER, `${PROPERTIES}.Set`, `string:${UPSTART}`, 'string:log_priority', 'variant:string:debug'],
  [JOB, `${UPSTART}.Job.Start`, 'array:string:', 'boolean:false'],
  [JOB, `${UPSTART}.Job.Stop`, 'array:string:', 'boolean:false'],
  [JOB, `${UPSTART}.Job.Restart`, 'array:string:', 'boolean:false'],
  [INSTANCE, `${UPSTART}.Instance.Start`, 'boolean:false'],
  [INSTANCE, `${UPSTART}.Instance.Stop`, 'boolean:false'],
  [INSTANCE, `${UPSTART}.Instance.Restart`, 'boolean:false'],
  [INSTANCE, `${UPSTART}.Instance.Reload`],
  [MANAGER, `${INIT1}.Simulate`, 'string:{}'],
];

/** A daemon of root's on a bus, with one job that runs. */
const stage = async (kind: BusKind) => {
  // A session bus lets nobody in but its owner, unless it is told to.
  const bus = await new TestBus(kind, {
    policies: { 'Upstart.conf': SHIPPED_POLICY },
    configuration: '<policy context="mandatory"><allow user="*"/></policy>',
  }).start();
  onTestFinished(() => bus.stop());
  const daemon = new TestDaemon({
    files: { 'web.conf': 'exec sleep 1000' },
    env: { DBUS_SESSION_BUS_ADDRESS: bus.address },
  });
  chmodSync(daemon.home, 0o755);
  const upstart = await connect({ bus: bus.address });
  onTestFinished(() => upstart.close());
  await expect.poll(() => upstart.version().catch(() => ''), SOON).toBe('init (upstart 1.13.2)');
  await upstart.job('web').start();
  const before = await upstart.list();
  /** Nothing has changed: the same instance, the same process, and no variable. */
  const unchanged = async (): Promise<void> => {
    expect(await upstart.list()).toEqual(before);
    expect(await upstart.logPriority()).toBe('message');
    expect(await upstart.listEnv()).not.toContain('A=1');
  };
  return { bus, daemon, unchanged, where: [`--bus=${bus.address}`, '--dest=com.ubuntu.Upstart'] };
};

/** One after the other, so that what one would change is seen by the next. */
const outcomes = async (
  uid: number,
  where: readonly string[],
  rows: readonly Row[],
): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const [path, member, ...args] of rows) found[member] = await sendAs(uid, where, path, member, args);
  return found;
};

const allOf = (rows: readonly Row[], outcome: unknown): Record<string, unknown> =>
  Object.fromEntries(rows.map(([, member]) => [member, outcome]));

describe.skipIf(missing)(`another user${missing === undefined ? '' : ` (${missing})`}`, { timeout: 120_000 }, () => {
  test('may look at a system daemon through the bus, and the policy of the bus refuses the rest', async () => {
    const { uid } = makeUser();
    const { where, unchanged } = await stage('system');
    expect(await outcomes(uid, where, READING)).toEqual(allOf(READING, 'allowed'));
    const refused = expect.stringMatching(/^Error org\.freedesktop\.DBus\.Error\.AccessDenied: Rejected send message/);
    expect(await outcomes(uid, where, CHANGING)).toEqual(allOf(CHANGING, refused));
    await unchanged();
  });

  test('is refused by the daemon itself where no policy does it', async () => {
    const { uid } = makeUser();
    const { where, unchanged } = await stage('session');
    expect(await outcomes(uid, where, READING)).toEqual(allOf(READING, 'allowed'));
    const refused = expect.stringMatching(
      /^Error com\.ubuntu\.Upstart0_6\.Error\.PermissionDenied: You do not have permission to /,
    );
    expect(await outcomes(uid, where, CHANGING)).toEqual(allOf(CHANGING, refused));
    await unchanged();
  });

  test('does not get into the private socket, whatever it wants, and root does', async () => {
    const { uid } = makeUser();
    const { daemon, unchanged } = await stage('session');
    const where = [`--peer=${daemon.address}`];
    const [look, change] = [READING[5], CHANGING[0]];
    for (const row of [look, change]) {
      if (row === undefined) continue;
      expect(await sendAs(uid, where, row[0], row[1], row.slice(2))).toMatch(/NoReply|Disconnected|disconnected/);
      expect(await sendAs(0, where, row[0], row[1], row.slice(2))).toBe('allowed');
    }
    await unchanged();
  });

  test('is told who may use the private socket, before anything is asked', async () => {
    const { uid } = makeUser();
    const home = tempDir();
    const socket = join(home, 'socket');
    const daemon = new TestDaemon({ args: ['--user', '--no-dbus', '--address', `unix:path=${socket}`] });
    await expect.poll(() => existsSync(daemon.sessionFile), SOON).toBe(true);
    await expect.poll(() => existsSync(socket), SOON).toBe(true);
    chmodSync(home, 0o755);
    chmodSync(socket, 0o777);
    const identity = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
    // The project's own files need not be the user's to read.
    const command = [process.execPath, '-e', HEAR, socket];
    const { stdout } = spawnSync('setpriv', [...identity, ...command], {
      cwd: '/',
      encoding: 'utf8',
      timeout: LIMIT_MS,
    });
    expect(stdout).toBe('ERROR "only root may use the private socket of this init daemon"\r\n');
  });
});
