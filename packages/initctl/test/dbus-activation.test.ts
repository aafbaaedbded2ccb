import { type ExecFileException, execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, connectBus } from '@maverick/dbus/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type BusKind, missingBus, TestBus } from '../../dbus/test/helpers/bus.js';
import { SHIPPED_POLICY } from '../../dbus/test/helpers/policy.js';
import { TestDaemon } from '../../init/test/helpers/test-daemon.js';

const INITCTL = join(import.meta.dirname, '../bin/initctl.js');
const SERVICE = join(import.meta.dirname, '../../init/test/fixtures/named-service.mjs');
const SERVER = 'com.example.Server';
const SOON = { timeout: 60_000 };
const HANDS_ON = ['--systemd-activation'];
const missing = missingBus();

const SERVICE_POLICY = `<busconfig>
  <policy user="root"><allow own="${SERVER}"/></policy>
  <policy context="default"><allow send_destination="${SERVER}"/></policy>
</busconfig>
`;
const SERVING = `start on dbus-activation ${SERVER}\nexec ${process.execPath} ${SERVICE} ${SERVER}`;

/** A bus, a daemon with this job on it, and `initctl dbus-activation`. */
const stage = async (kind: BusKind, conf: string, busArgs: readonly string[], daemonArgs: readonly string[] = []) => {
  const policies = kind === 'system' ? { 'Upstart.conf': SHIPPED_POLICY, 'server.conf': SERVICE_POLICY } : {};
  const bus = await new TestBus(kind, { policies, args: busArgs }).start();
  onTestFinished(() => bus.stop());
  // The bus finds its files where the daemon does: below the data home.
  const data = join(bus.folder, 'data');
  const services = join(bus.folder, 'services');
  const env = { DBUS_SESSION_BUS_ADDRESS: bus.address, DBUS_SYSTEM_BUS_ADDRESS: bus.address, XDG_DATA_HOME: data };
  const files = { 'server.conf': conf };
  const daemon = new TestDaemon({ files, env, args: ['--user', '--live', ...daemonArgs] });
  const upstart = await connect({ bus: bus.address });
  onTestFinished(() => upstart.close());
  await expect.poll(() => upstart.version().catch(() => ''), SOON).toBe('init (upstart 1.13.2)');
  const activation = (...words: readonly string[]) =>
    new Promise<{ status: unknown; out: string }>((resolve) => {
      const done = (error: ExecFileException | null, stdout: string, stderr: string) =>
        resolve({ status: error === null ? 0 : error.code, out: stdout + stderr });
      const command = [INITCTL, 'dbus-activation', `--${kind}`, '--service-dir', services, ...words];
      const { PATH = '' } = process.env;
      execFile(process.execPath, command, { env: { ...env, PATH, UPSTART_SESSION: daemon.address } }, done);
    });
  const call = async () => {
    const caller = await connectBus(bus.address);
    onTestFinished(() => caller.close());
    const member = { interface: 'com.ubuntu.Upstart0_6', member: 'GetAllJobs', signature: '', body: [] };
    return caller.call({ destination: SERVER, path: '/com/ubuntu/Upstart', ...member });
  };
  return { bus, services, activation, call, upstart };
};

const CALLED = [['/com/ubuntu/Upstart/jobs/lamp']];

describe.skipIf(missing)(`dbus-activation${missing === undefined ? '' : ` (${missing})`}`, { timeout: 120_000 }, () => {
  test.each([
    { kind: 'session', way: 'asks for it', busArgs: HANDS_ON, daemonArgs: [], options: [] },
    { kind: 'system', way: 'asks for it', busArgs: HANDS_ON, daemonArgs: [], options: [] },
    { kind: 'session', way: 'executes the file', busArgs: [], daemonArgs: [], options: [] },
    { kind: 'system', way: 'executes the file', busArgs: [], daemonArgs: [], options: [] },
    {
      kind: 'session',
      way: 'asks somebody else for it',
      busArgs: HANDS_ON,
      daemonArgs: ['--no-dbus-activation'],
      options: ['--fallback'],
    },
  ] as const)('$kind bus that $way: the first call starts the job', async ({ kind, busArgs, daemonArgs, options }) => {
    const { activation, call, services, upstart } = await stage(kind, SERVING, busArgs, daemonArgs);
    const file = join(services, `${SERVER}.service`);
    expect(await activation('install', ...options, SERVER)).toEqual({ status: 0, out: `${file}\n` });
    expect(readFileSync(file, 'utf8').includes('SystemdService=')).toBe(options.length === 0);
    expect(await upstart.job('server').instances()).toHaveLength(0);
    expect(await call()).toEqual(CALLED);
    expect(await upstart.job('server').instances()).toHaveLength(1);
  });

  test.each([
    { what: 'the job fails', conf: `start on dbus-activation ${SERVER}\npre-start exec false\nexec sleep 1000` },
    { what: 'the job ends without the name', conf: `start on dbus-activation ${SERVER}\nexec true` },
    { what: 'there is no job', conf: 'exec sleep 1000' },
  ])('a bus that executes the file answers at once where $what', async ({ conf }) => {
    const { activation, call } = await stage('session', conf, []);
    await activation('install', SERVER);
    await expect(call()).rejects.toMatchObject({ name: 'org.freedesktop.DBus.Error.Spawn.ChildExited' });
  });

  test('check says what is missing, and what to do', async () => {
    const { activation } = await stage('session', SERVING.replaceAll('Server', 'Other'), HANDS_ON);
    const before = await activation('check', SERVER);
    expect(before.status).toBe(1);
    expect(before.out).toMatch(/^ok: Upstart has joined the session bus\nok: Upstart is asked to activate names/);
    expect(before.out).toContain(
      `missing: a service file of ${SERVER}\n  initctl dbus-activation install ${SERVER}\nmissing: the bus can activate`,
    );
    expect(before.out).toContain(`missing: a job brings it\n  A job has to say: start on dbus-activation ${SERVER}`);
    await activation('install', 'com.example.Other');
    const after = await activation('check', '--json', 'com.example.Other');
    expect(JSON.parse(after.out)).toMatchObject({
      bus: 'session',
      name: 'com.example.Other',
      checks: Array.from({ length: 5 }, () => ({ ok: true })),
    });
    expect(after.status).toBe(0);
  });

  test('check sees who else would be asked, and that a file does not fit then', async () => {
    const { activation, bus } = await stage('session', SERVING, HANDS_ON, ['--no-dbus-activation']);
    expect(await activation('check')).toMatchObject({ status: 1 });
    const other = await connectBus(bus.address);
    onTestFinished(() => other.close());
    await other.ask('RequestName', 'su', 'org.freedesktop.systemd1', 4);
    await activation('install', SERVER);
    const { status, out } = await activation('check', SERVER);
    expect({ status, out }).toMatchObject({ status: 1, out: expect.stringContaining(`(process ${process.pid})`) });
    expect(out).toContain(`install --fallback ${SERVER}`);
  });

  test.each([
    { words: [], out: /missing install, check or start/ },
    { words: ['install'], out: /missing bus name/ },
    { words: ['install', 'nonsense'], out: /illegal bus name: nonsense/ },
  ])('$words is refused', async ({ words, out }) => {
    const { activation } = await stage('session', SERVING, HANDS_ON);
    expect(await activation(...words)).toEqual({ status: 1, out: expect.stringMatching(out) });
  });

  test('a bus-activated service migrated from a systemd-style one', async () => {
    // What its package brings: a unit, which is not looked at, and a service file that names it.
    const { bus, activation, call, upstart } = await stage('session', SERVING, HANDS_ON);
    const shipped = `[D-BUS Service]\nName=${SERVER}\nExec=/bin/false\nSystemdService=server.service\n`;
    const folder = join(bus.folder, 'data/dbus-1/services');
    mkdirSync(folder, { recursive: true });
    for (const at of [folder, join(bus.folder, 'services')]) writeFileSync(join(at, `${SERVER}.service`), shipped);
    await expect.poll(() => activation('check', SERVER), SOON).toMatchObject({ status: 0 });
    expect(await call()).toEqual(CALLED);
    await upstart.job('server').stop();
    expect(await call()).toEqual(CALLED);
  });
});
