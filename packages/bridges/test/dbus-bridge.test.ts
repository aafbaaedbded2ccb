import { type BusClient, connectBus } from '@maverick/dbus/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BUS_KINDS, type BusKind, missingBus, TestBus } from '../../dbus/test/helpers/bus.js';
import { type StubOnBus, stubOnBus } from '../../dbus/test/helpers/stub-on-bus.js';
import { SettingError } from '../src/bridge.js';
import { dbusBridgeWith, readDbusSettings } from '../src/dbus-bridge.js';
import { FakeDaemon, jobsFor } from './helpers/fake-daemon.js';
import { bothWays, SOON } from './helpers/scene.js';

const missing = missingBus();
const NAME = 'com.example.Server';
const SENDER = 'com.example.Sender';

const hello = (member: string, signature = '', ...body: never[]) =>
  ({ kind: 'signal', path: '/x', interface: NAME, member, signature, body }) as const;

const busOf = async (kind: BusKind): Promise<TestBus> => {
  const bus = new TestBus(kind, {
    configuration: `<policy context="default"><allow own="${SENDER}"/></policy>`,
  });
  await bus.start();
  onTestFinished(() => bus.stop());
  return bus;
};

/** Have what the bus passes on reach everybody before going on. */
const settle = async (sender: StubOnBus, receiver: BusClient | undefined) => {
  await sender.ask('GetId', '', []);
  await receiver?.ask('GetId');
};

describe.skipIf(missing)(`the D-Bus bridge${missing === undefined ? '' : ` (${missing})`}`, () => {
  const start = async (kind: BusKind = 'session', options: { busName?: string; always?: boolean } = {}) => {
    const bus = await busOf(kind);
    const variable = kind === 'session' ? 'DBUS_SESSION_BUS_ADDRESS' : 'DBUS_SYSTEM_BUS_ADDRESS';
    const before = process.env[variable];
    process.env[variable] = bus.address;
    onTestFinished(() => {
      if (before === undefined) delete process.env[variable];
      else process.env[variable] = before;
    });
    const daemon = new FakeDaemon();
    const bridge = dbusBridgeWith({ bus: kind, ...options }).make(daemon);
    onTestFinished(() => bridge.close(false));
    const sender = await stubOnBus(bus.address, {}, SENDER);
    return { bus, daemon, bridge, sender };
  };

  test.each(BUS_KINDS)('tells of signals on a %s bus, with simple arguments by their position', async (kind) => {
    const { daemon, bridge, sender } = await start(kind, { busName: kind });
    await bridge.follow(jobsFor(['SIGNAL=Hello']));
    const body = ['hello', -5, true, 1.5, '/x/y', ['a'], 7, 9n, { signature: 's', value: 'v' }] as never[];
    sender.connection.send(hello('Hello', 'sibdoasytv', ...body));
    const head = `SIGNAL=Hello BUS=${kind} INTERFACE=${NAME} OBJPATH=/x SENDER=${sender.uniqueName}`;
    await expect
      .poll(() => daemon.told, SOON)
      .toEqual([`${head} ARG0=hello ARG1=-5 ARG2=TRUE ARG3=1.500000 ARG4=/x/y ARG7=9`]);
  });

  test('receives what jobs ask for only, as they come and go', async () => {
    const { bus, daemon, bridge, sender } = await start();
    const other = await connectBus(bus.address);
    onTestFinished(() => other.close());
    const send = async (...members: string[]) => {
      for (const member of members) sender.connection.send(hello(member));
      await settle(sender, other);
    };
    const last = (member: string) => expect.poll(() => daemon.told.at(-1), SOON).toContain(`SIGNAL=${member} `);
    await bridge.follow([]);
    await send('One');
    await bridge.follow(jobsFor(['SIGNAL=One'], ['SIGNAL=End']));
    await send('One', 'Two', 'End');
    await last('End');
    await bridge.follow(jobsFor(['SIGNAL=Two'], ['SIGNAL=End']));
    await send('One', 'Two', 'End');
    await last('End');
    expect(daemon.told.map((text) => text.split(' ')[0])).toEqual(
      ['One', 'End', 'Two', 'End'].map((member) => `SIGNAL=${member}`),
    );
  });

  test('does not tell of what the daemon itself says, unless that is asked for by its interface', async () => {
    const { daemon, bridge, sender } = await start('session', { always: true });
    const path = '/com/ubuntu/Upstart/jobs/x';
    const from = (name: string, member: string) => sender.connection.send({ ...hello(member), path, interface: name });
    await bridge.follow([]);
    from('com.ubuntu.Upstart0_6', 'EventEmitted');
    from('org.freedesktop.DBus.Properties', 'PropertiesChanged');
    from('com.ubuntu.Upstart0_6.Job', 'InstanceAdded');
    sender.connection.send(hello('End'));
    await expect.poll(() => daemon.told.at(-1), SOON).toContain('SIGNAL=End');
    await bridge.follow(jobsFor(['INTERFACE=com.ubuntu.Upstart0_6.Job']));
    from('com.ubuntu.Upstart0_6.Job', 'InstanceAdded');
    await expect.poll(() => daemon.told.at(-1), SOON).toContain('SIGNAL=InstanceAdded');
    expect(daemon.told.filter((text) => /EventEmitted|PropertiesChanged/.test(text))).toEqual([]);
  });

  test('looks for a bus that goes, and asks again for what is wanted', async () => {
    const { bus, daemon, bridge } = await start();
    await bridge.follow(jobsFor(['SIGNAL=Hello']));
    await bus.end();
    await bus.start();
    await expect
      .poll(async () => {
        const sender = await stubOnBus(bus.address, {}, SENDER);
        sender.connection.send(hello('Hello'));
        await sender.ask('GetId', '', []);
        return daemon.told.length;
      }, SOON)
      .toBeGreaterThan(0);
    expect(daemon.said).toContain('Disconnected from D-Bus');
  });

  bothWays('dbus', (startScene) => {
    test('a signal starts a job, which has its arguments', async () => {
      const bus = await busOf('session');
      const scene = await startScene(
        { job: `start on dbus SIGNAL=Hello INTERFACE=${NAME} ARG0=w*\ntask\nexec sh -c "echo $ARG0 >> @HOME@/out"` },
        { DBUS_SESSION_BUS_ADDRESS: bus.address },
      );
      await expect
        .poll(async () => {
          const sender = await stubOnBus(bus.address, {}, SENDER);
          sender.connection.send(hello('Hello', 's', ...(['other'] as never[])));
          sender.connection.send(hello('Hello', 's', ...(['world'] as never[])));
          await sender.ask('GetId', '', []);
          return scene.read('out');
        }, SOON)
        .toMatch(/^(world\n)+$/);
    });
  });
});

test.each([
  { user: false, own: [], bus: 'system' },
  { user: true, own: [], bus: 'session' },
  { user: true, own: [['--system', '']], bus: 'system' },
  { user: false, own: [['--session', '']], bus: 'session' },
] as const)('user $user, $own: the bus of the $bus', ({ user, own, bus }) => {
  expect(readDbusSettings(user, new Map(own))).toMatchObject({ bus });
});

test.each([
  [
    ['--system', ''],
    ['--session', ''],
  ],
  [['--bus-name', ' x']],
] as const)('%s is refused', (...own) => {
  expect(() => readDbusSettings(true, new Map(own as readonly (readonly [string, string])[]))).toThrow(SettingError);
});
