import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type BusMember, type BusOptions, createBusMember } from '../src/bus-member.js';
import { connect } from '../src/connect.js';
import { encode } from '../src/wire.js';
import { BUS_KINDS, missingBus, TestBus } from './helpers/bus.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { stubOnBus } from './helpers/stub-on-bus.js';

/** How long to look at most; the machine may be busy. */
const SOON = { timeout: 60_000 };

const NAME = 'com.ubuntu.Upstart';
const UPSTART = 'com.ubuntu.Upstart0_6';
const MANAGER = '/com/ubuntu/Upstart';
const missing = missingBus();

/** On a bus of the system's kind, the name and the calls must be allowed. */
const POLICY = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><policy context="default"><allow own="${NAME}"/><allow send_destination="${NAME}"/></policy></busconfig>`;

const startBus = async (kind: 'session' | 'system' = 'session', ...args: string[]): Promise<TestBus> => {
  const bus = await new TestBus(kind, { policies: { 'upstart.conf': POLICY }, args }).start();
  onTestFinished(() => bus.stop());
  return bus;
};

interface Setting {
  readonly model: FakeModel;
  readonly member: BusMember;
  readonly warnings: string[];
}

/** A daemon for a bus, which has not joined it yet. */
const setting = (bus: TestBus, options: Partial<BusOptions> = {}): Setting => {
  const model = new FakeModel().add('web', {}, [instanceView('web')]);
  const warnings: string[] = [];
  const onWarning = (message: string): void => void warnings.push(message);
  const own = { address: bus.address, title: 'test bus', retryMs: [1, 20], onWarning } as const;
  const member = createBusMember(model, { ...own, ...options });
  onTestFinished(() => member.close());
  return { model, member, warnings };
};

/** A client of the daemon on a bus; gone with the test. */
const client = async (bus: TestBus) => {
  const upstart = await connect({ bus: bus.address });
  onTestFinished(() => upstart.close());
  return upstart;
};

/** Settles when the name has an owner, or none any more. */
const ownership = async (bus: TestBus) => {
  const changes: string[] = [];
  let wake = (): void => {};
  const watcher = await stubOnBus(
    bus.address,
    {
      signalled: (_, { member, body }) => {
        if (member !== 'NameOwnerChanged' || body[0] !== NAME) return;
        changes.push(String(body[2]));
        wake();
      },
    },
    'com.example.Watcher',
  );
  await watcher.ask('AddMatch', 's', [`type='signal',member='NameOwnerChanged',arg0='${NAME}'`]);
  const next = async (): Promise<string> => {
    while (changes.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return changes.shift() ?? '';
  };
  return { next, watcher };
};

describe.skipIf(missing)(`a daemon on a bus${missing === undefined ? '' : ` (${missing})`}`, () => {
  test.each(BUS_KINDS)('of the %s kind answers by its name, and tells what happens', async (kind) => {
    const bus = await startBus(kind);
    const { model, member } = setting(bus);
    await member.join();
    expect(member.state).toBe('joined');
    const upstart = await client(bus);
    expect(await upstart.version()).toBe('init (upstart 1.13.2)');
    const events = upstart.events();
    await upstart.jobs();
    await upstart.emit('x', ['A=1']);
    expect(model.asked).toEqual([{ emit: { name: 'x', env: ['A=1'], wait: true } }]);
    model.notify({ kind: 'event-finished', event: 1, session: '', name: 'x', env: ['A=1'], failed: false });
    expect((await events.next()).value).toEqual({ kind: 'event-emitted', name: 'x', env: ['A=1'] });
  });

  test('has its name only when it answers already', async () => {
    const bus = await startBus();
    const { next, watcher } = await ownership(bus);
    const { member } = setting(bus);
    member.seek();
    const owner = await next();
    const call = { destination: owner, path: MANAGER, interface: UPSTART, member: 'GetAllJobs' };
    const { body } = await watcher.connection.call({ ...call, signature: '', body: [] });
    expect(body).toEqual([['/com/ubuntu/Upstart/jobs/web']]);
  });

  test('says once that it has re-executed itself', async () => {
    const bus = await startBus();
    const upstart = await client(bus);
    const events = upstart.events();
    await upstart.version().catch(() => {});
    const { model, member } = setting(bus, { restarted: true });
    await member.join();
    model.notify({ kind: 'job-added', session: '', job: 'late' });
    const heard: string[] = [];
    while (heard.at(-1) !== 'job-added') heard.push((await events.next()).value.kind);
    expect(heard).toEqual(['daemon-came', 'restarted', 'job-added']);
  });

  test('joins when the bus appears, and again when it has gone and come back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'maverick-bus-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const bus = await startBus();
    await bus.end();
    const { member, warnings } = setting(bus);
    member.seek();
    await expect(member.join()).rejects.toThrow();
    member.seek();
    for (let round = 0; round < 2; round += 1) {
      await bus.start();
      const { next, watcher } = await ownership(bus);
      const { body } = await watcher.connection.call({
        destination: 'org.freedesktop.DBus',
        path: '/',
        interface: 'org.freedesktop.DBus',
        member: 'NameHasOwner',
        signature: 's',
        body: [NAME],
      });
      if (body[0] !== true) expect(await next()).not.toBe('');
      expect(await (await client(bus)).version()).toBe('init (upstart 1.13.2)');
      await bus.end();
    }
    expect(warnings.filter((warning) => warning.startsWith('Disconnected from test bus'))).not.toEqual([]);
  });

  test.each([
    ['unix:path=/nonexistent/bus', 'org.freedesktop.DBus.Error.FileNotFound'],
    ['nonsense', 'org.freedesktop.DBus.Error.BadAddress'],
  ])('at %s is told %s', async (address, name) => {
    const member = createBusMember(new FakeModel(), { address, title: 'test bus' });
    await expect(member.join()).rejects.toMatchObject({ name });
    member.close();
  });

  test('leaves a name that somebody else has to them', async () => {
    const bus = await startBus();
    await stubOnBus(bus.address);
    const { member, warnings } = setting(bus);
    await expect(member.join()).rejects.toThrow('Name already taken');
    expect(member.state).toBe('away');
    member.seek();
    await expect.poll(() => warnings, SOON).toEqual(['Unable to join the test bus: Name already taken']);
  });

  test('takes and gives descriptors', async () => {
    const bus = await startBus();
    const { model, member } = setting(bus);
    let fds: readonly number[] = [];
    model.emit = ({ fds: given = [] }, answer) => {
      fds = given;
      answer({ ok: true });
    };
    await member.join();
    const fd = openSync('/etc/passwd', 'r');
    onTestFinished(() => closeSync(fd));
    await (await client(bus)).emitWithFile('x', fd);
    const [given = -1] = fds;
    expect(fstatSync(given).ino).toBe(fstatSync(fd).ino);
    closeSync(given);
  });

  test('is not brought down by a message of somebody else that is none', async () => {
    const bus = await startBus();
    const { member, warnings } = setting(bus);
    await member.join();
    const peer = await stubOnBus(bus.address, {}, 'com.example.Peer');
    const call = { kind: 'call', destination: NAME, path: MANAGER, interface: UPSTART, noReply: false } as const;
    // Type h, and no descriptor with it: the bus lets it through.
    const { bytes } = encode({ ...call, member: 'GetAllJobs', signature: 'u', body: [7] });
    bytes[bytes.indexOf('u\0', bytes.indexOf('GetAllJobs'))] = 'h'.charCodeAt(0);
    peer.connection.sendEncoded({ bytes, fds: [] });
    expect(await (await client(bus)).version()).toBe('init (upstart 1.13.2)');
    expect([member.state, warnings]).toEqual(['joined', []]);
  });

  test('tells the bus of its environment', async () => {
    // So the bus passes it on, and it can be seen.
    const bus = await startBus('session', '--systemd-activation');
    const { member, warnings } = setting(bus);
    const heard: unknown[] = [];
    let wake = (): void => {};
    const told = new Promise<void>((resolve) => {
      wake = resolve;
    });
    await stubOnBus(
      bus.address,
      {
        called: (_, { member: name, body }) => {
          heard.push([name, body]);
          wake();
        },
      },
      'org.freedesktop.systemd1',
    );
    await member.join();
    member.updateActivationEnvironment(['A=1=2']);
    await told;
    expect(heard).toEqual([['SetEnvironment', [['A=1=2']]]]);
    expect(warnings).toEqual([]);
  });

  test('follows the journal for a caller until it leaves', async () => {
    const bus = await startBus();
    const { model, member } = setting(bus);
    let followers = 0;
    let stopped = (): void => {};
    const gone = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    let tell: (line: string) => void = () => {};
    Object.assign(model, {
      journal: {
        tail: () => ['{}'],
        follow: (_: unknown, listener: (line: string) => void) => {
          followers += 1;
          tell = listener;
          return () => {
            followers -= 1;
            stopped();
          };
        },
      },
    });
    await member.join();
    let heard = (_line: unknown): void => {};
    const line = new Promise((resolve) => {
      heard = resolve;
    });
    const peer = await stubOnBus(
      bus.address,
      { signalled: (_, { member: name, body }) => name === 'JournalLine' && heard(body) },
      'com.example.Peer',
    );
    const { body } = await peer.connection.call({
      destination: NAME,
      path: MANAGER,
      interface: 'org.maverick.Init1',
      member: 'Journal',
      signature: 'a{sv}b',
      body: [new Map(), true],
    });
    expect(body).toEqual([['{}'], 1]);
    tell('{"what":"x"}');
    expect(await line).toEqual([1, '{"what":"x"}']);
    peer.connection.close();
    await gone;
    expect(followers).toBe(0);
  });
});
