import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { UnknownJobError } from '../src/call-errors.js';
import { connect } from '../src/connect.js';
import type { Connection } from '../src/connection.js';
import type { CallMessage, Received } from '../src/message.js';
import type { UpstartClient } from '../src/upstart-client.js';
import { missingBus, TestBus } from './helpers/bus.js';
import { stubOnBus } from './helpers/stub-on-bus.js';

const UPSTART = 'com.ubuntu.Upstart0_6';
const MANAGER_PATH = '/com/ubuntu/Upstart';
const missing = missingBus();

const answer = (connection: Connection, call: Received<CallMessage>): void => {
  if (call.member === 'GetAllJobs') connection.reply(call, 'ao', [['/j/a']]);
  else if (call.member === 'GetJobByName') {
    connection.replyError(call, { name: `${UPSTART}.Error.UnknownJob`, message: `Unknown job: ${call.body[0]}` });
  }
};

const jobAdded = (job: string) =>
  ({
    kind: 'signal',
    path: MANAGER_PATH,
    interface: UPSTART,
    member: 'JobAdded',
    signature: 'o',
    body: [job],
  }) as const;

describe.skipIf(missing)(`a daemon on a bus${missing === undefined ? '' : ` (${missing})`}`, () => {
  let bus: TestBus;
  beforeAll(async () => {
    bus = await new TestBus('session').start();
  });
  afterAll(() => bus?.stop());

  const client = async (): Promise<UpstartClient> => {
    const upstart = await connect({ bus: bus.address });
    onTestFinished(() => upstart.close());
    return upstart;
  };

  test('answers by its name, and errors have their class', async () => {
    await stubOnBus(bus.address, { called: answer });
    const upstart = await client();
    expect((await upstart.jobs()).map(({ path }) => path)).toEqual(['/j/a']);
    const failure = upstart.job('x').start();
    await expect(failure).rejects.toBeInstanceOf(UnknownJobError);
    await expect(failure).rejects.toThrow('Unknown job: x');
  });

  test('is told from others that send its signals', async () => {
    const daemon = await stubOnBus(bus.address, { called: answer });
    const upstart = await client();
    const events = upstart.events();
    await upstart.jobs();
    const forger = await stubOnBus(bus.address, {}, 'com.example.Forger');
    // Straight to every connection there is: no rule keeps that out.
    const [names] = await forger.ask('ListNames', '', []);
    for (const destination of names as string[]) {
      if (destination.startsWith(':')) forger.connection.send({ ...jobAdded('/j/forged'), destination });
    }
    forger.connection.send(jobAdded('/j/forged'));
    await forger.ask('GetId', '', []);
    daemon.connection.send(jobAdded('/j/true'));
    expect(await events.next()).toEqual({ value: { kind: 'job-added', job: '/j/true' }, done: false });
  });

  test('may go and come: the client hears of it, and talks to the next one', async () => {
    const upstart = await client();
    const events = upstart.events();
    await expect(upstart.version()).rejects.toMatchObject({ name: 'org.freedesktop.DBus.Error.NameHasNoOwner' });
    const first = await stubOnBus(bus.address, { called: answer });
    expect((await events.next()).value).toEqual({ kind: 'daemon-came' });
    first.connection.send(jobAdded('/j/one'));
    expect((await events.next()).value).toEqual({ kind: 'job-added', job: '/j/one' });
    first.connection.close();
    expect((await events.next()).value).toEqual({ kind: 'daemon-left' });
    const second = await stubOnBus(bus.address, { called: answer });
    expect((await events.next()).value).toEqual({ kind: 'daemon-came' });
    second.connection.send(jobAdded('/j/two'));
    expect((await events.next()).value).toEqual({ kind: 'job-added', job: '/j/two' });
    expect(await upstart.jobs()).toHaveLength(1);
  });

  test('that goes fails the calls that wait for it', async () => {
    let asked: () => void = () => {};
    const called = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const daemon = await stubOnBus(bus.address, { called: () => asked() });
    const waiting = (await client()).version();
    await called;
    daemon.connection.close();
    await expect(waiting).rejects.toMatchObject({ name: 'org.freedesktop.DBus.Error.NoReply' });
  });

  test('is not started by being called', async () => {
    bus.addService('com.example.Absent', ['Exec=/bin/false']);
    const upstart = await connect({ bus: bus.address, name: 'com.example.Absent' });
    onTestFinished(() => upstart.close());
    await expect(upstart.version()).rejects.toMatchObject({ name: 'org.freedesktop.DBus.Error.NameHasNoOwner' });
  });

  test('that ends with the bus ends the events and the connection', async () => {
    const own = await new TestBus('session').start();
    onTestFinished(() => own.stop());
    const upstart = await connect({ bus: own.address });
    const events = upstart.events();
    await expect(upstart.version()).rejects.toMatchObject({ name: 'org.freedesktop.DBus.Error.NameHasNoOwner' });
    await own.end();
    await upstart.closed;
    expect(await events.next()).toEqual({ value: undefined, done: true });
  });
});
