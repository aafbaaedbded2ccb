import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createBusMember } from '../src/bus-member.js';
import { missingBus, TestBus } from './helpers/bus.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { SHIPPED_POLICY } from './helpers/policy.js';

/** `nobody`, who has no rights and is everywhere. */
const OTHER_USER = 65534;
const DBUS_SEND = 'dbus-send';
const DBUS_DAEMON = 'dbus-daemon';
const NAME = 'com.ubuntu.Upstart';
const UPSTART = 'com.ubuntu.Upstart0_6';
const MANAGER = '/com/ubuntu/Upstart';
const WEB = `${MANAGER}/jobs/web`;
const reason = process.getuid?.() === 0 ? missingBus() : 'needs root, to become somebody else';

/** A bus that lets everything through, so that the daemon alone decides. */
const OPEN_POLICY = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><policy context="default"><allow own="${NAME}"/><allow send_destination="${NAME}"/></policy></busconfig>`;

interface Outcome {
  readonly status: number | null;
  readonly text: string;
  readonly pid: number;
}

/** A daemon on a bus of the system's kind, and what somebody says who calls it there with `dbus-send`. */
const stage = async (policy: string) => {
  const bus = await new TestBus('system', { policies: { 'Upstart.conf': policy } }).start();
  onTestFinished(() => bus.stop());
  const model = new FakeModel().add('web', {}, [instanceView('web')]);
  const callers: number[] = [];
  Object.assign(model, { callerOf: (pid: number) => void callers.push(pid) });
  const member = createBusMember(model, { address: bus.address, title: 'test bus' });
  onTestFinished(() => member.close());
  await member.join();
  const send = async (uid: number, path: string, ...call: string[]): Promise<Outcome> => {
    const args = [`--bus=${bus.address}`, '--print-reply=literal', `--dest=${NAME}`, path, ...call];
    const child = spawn(DBUS_SEND, args, { uid, gid: uid, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
    }
    const [status] = await once(child, 'close');
    return { status, text: text.trim(), pid: child.pid ?? -1 };
  };
  return { send, model, callers };
};

type Row = readonly [path: string, ...call: string[]];

const READING: readonly Row[] = [
  [MANAGER, `${UPSTART}.GetAllJobs`],
  [MANAGER, `${UPSTART}.GetJobByName`, 'string:web'],
  [MANAGER, 'org.freedesktop.DBus.Properties.Get', `string:${UPSTART}`, 'string:version'],
  [MANAGER, 'org.freedesktop.DBus.Introspectable.Introspect'],
  [WEB, `${UPSTART}.Job.GetAllInstances`],
  [`${WEB}/_`, 'org.freedesktop.DBus.Properties.GetAll', 'string:'],
  [MANAGER, 'org.maverick.Init1.ListJobs'],
];

const CHANGING: readonly Row[] = [
  [MANAGER, `${UPSTART}.EmitEvent`, 'string:x', 'array:string:', 'boolean:false'],
  [MANAGER, `${UPSTART}.ReloadConfiguration`],
  [MANAGER, `${UPSTART}.GetState`],
  [MANAGER, `${UPSTART}.ListEnv`, 'array:string:'],
  [MANAGER, `${UPSTART}.EndSession`],
  [MANAGER, 'org.freedesktop.DBus.Properties.Set', `string:${UPSTART}`, 'string:log_priority', 'variant:string:debug'],
  [WEB, `${UPSTART}.Job.Start`, 'array:string:', 'boolean:false'],
  [`${WEB}/_`, `${UPSTART}.Instance.Stop`, 'boolean:false'],
  [`${WEB}/_`, `${UPSTART}.Instance.Reload`],
];

describe.skipIf(reason)(`another user on the bus of the system${reason === undefined ? '' : ` (${reason})`}`, () => {
  test('reads whatever tells what is there, by the policy that is shipped', async () => {
    const { send } = await stage(SHIPPED_POLICY);
    for (const call of READING) expect(await send(OTHER_USER, ...call)).toMatchObject({ status: 0 });
  });

  test('is refused all else by the bus', async () => {
    const { send, model } = await stage(SHIPPED_POLICY);
    for (const call of CHANGING) {
      const { status, text } = await send(OTHER_USER, ...call);
      expect([call, status, text]).toEqual([call, 1, expect.stringContaining('Rejected send message')]);
    }
    expect(model.asked).toEqual([]);
  });

  test('is refused it by the daemon, too, where the bus lets it through', async () => {
    const { send, model } = await stage(OPEN_POLICY);
    for (const call of CHANGING) {
      const { status, text } = await send(OTHER_USER, ...call);
      expect([call, status, text]).toEqual([call, 1, expect.stringContaining('You do not have permission to')]);
      expect(text).toContain(`${UPSTART}.Error.PermissionDenied`);
    }
    for (const call of READING) expect(await send(OTHER_USER, ...call)).toMatchObject({ status: 0 });
    expect(model.asked).toEqual([]);
  });

  test('is known by its process, not by that of the bus; root may do it', async () => {
    const { send, model, callers } = await stage(SHIPPED_POLICY);
    const { status, pid } = await send(0, WEB, `${UPSTART}.Job.Start`, 'array:string:', 'boolean:false');
    expect([status, callers]).toEqual([0, [pid]]);
    expect(model.asked).toEqual([{ kind: 'start', job: 'web', env: [], wait: false }]);
  });

  test('is not believed who calls on a bus of its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'maverick-bus-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    chmodSync(folder, 0o777);
    const address = `unix:path=${folder}/bus`;
    const args = ['--session', '--nofork', '--nopidfile', '--print-address=1', `--address=${address}`];
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const bus = spawn(DBUS_DAEMON, args, { uid: OTHER_USER, gid: OTHER_USER, stdio: [...stdio] });
    onTestFinished(async () => {
      const closed = once(bus, 'close');
      if (bus.kill()) await closed;
    });
    await once(bus.stdout ?? bus, 'data');
    const member = createBusMember(new FakeModel(), { address, title: 'test bus' });
    onTestFinished(() => member.close());
    await expect(member.join()).rejects.toThrow(
      `the bus is run by uid ${OTHER_USER}, who is not trusted to say who calls`,
    );
  });
});
