import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type BusSignal, connectBus } from '../src/bus-client.js';
import { missingBus, TestBus } from './helpers/bus.js';
import { stubOnBus } from './helpers/stub-on-bus.js';

const missing = missingBus();
const NAME = 'com.example.Server';

const hello = (word: string) =>
  ({ kind: 'signal', path: '/x', interface: NAME, member: 'Hello', signature: 's', body: [word] }) as const;

describe.skipIf(missing)(`a client of a bus${missing === undefined ? '' : ` (${missing})`}`, () => {
  let bus: TestBus;
  beforeAll(async () => {
    bus = await new TestBus('session').start();
  });
  afterAll(() => bus?.stop());

  const client = async (onSignal?: (signal: BusSignal) => void) => {
    const joined = await connectBus(bus.address, onSignal);
    onTestFinished(() => joined.close());
    return joined;
  };

  test('calls others, and hears the errors that they answer', async () => {
    await stubOnBus(bus.address, { called: (connection, call) => connection.reply(call, 's', ['hi']) }, NAME);
    const call = { destination: NAME, path: '/', interface: NAME, member: 'Hi', signature: '', body: [] };
    expect(await (await client()).call(call)).toEqual(['hi']);
    await expect((await client()).call({ ...call, destination: 'com.example.Nobody' })).rejects.toMatchObject({
      name: 'org.freedesktop.DBus.Error.ServiceUnknown',
    });
  });

  test('hears the signals that it asks for, as long as it does', async () => {
    const heard: BusSignal[] = [];
    const joined = await client((signal) => heard.push(signal));
    const { connection, ask, uniqueName } = await stubOnBus(bus.address, {}, NAME);
    const rule = `type='signal',interface='${NAME}',arg0='two'`;
    await joined.addMatch(rule);
    for (const word of ['one', 'two']) connection.send(hello(word));
    await ask('GetId', '', []);
    await joined.ask('GetId');
    await joined.removeMatch(rule);
    connection.send(hello('two'));
    await ask('GetId', '', []);
    await joined.ask('GetId');
    const mine = heard.filter(({ member }) => member === 'Hello');
    expect(mine).toEqual([expect.objectContaining({ sender: uniqueName, signature: 's', body: ['two'] })]);
  });

  test('waits for a name to have an owner', async () => {
    const name = 'com.example.Late';
    const joined = await client();
    const waited = joined.untilOwned(name);
    expect(await joined.hasOwner(name)).toBe(false);
    await stubOnBus(bus.address, {}, name);
    await waited;
    await joined.untilOwned(name);
  });

  test('waits no longer than it is told, or than the bus is there', async () => {
    const joined = await client();
    const told = new AbortController();
    const waited = expect(joined.untilOwned('com.example.Never', { signal: told.signal })).rejects.toThrow('enough');
    told.abort(new Error('enough'));
    await waited;
    const other = expect(joined.untilOwned('com.example.Never')).rejects.toMatchObject({
      name: 'org.freedesktop.DBus.Error.Disconnected',
    });
    await joined.hasOwner(NAME);
    joined.close();
    await other;
    await joined.closed;
  });

  test('fails at once where there is no bus', async () => {
    await expect(connectBus(`unix:path=${bus.folder}/none`)).rejects.toMatchObject({
      name: 'org.freedesktop.DBus.Error.FileNotFound',
    });
  });
});
