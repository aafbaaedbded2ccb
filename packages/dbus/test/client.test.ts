import { closeSync, openSync, readlinkSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UnknownMethodError } from '../src/call-errors.js';
import { connect } from '../src/connect.js';
import type { Connection } from '../src/connection.js';
import type { DBusError } from '../src/dbus-error.js';
import { ERROR_NAMES } from '../src/error-names.js';
import type { CallMessage, Received } from '../src/message.js';
import type { UpstartClient } from '../src/upstart-client.js';
import type { Value } from '../src/value.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { serve, uniqueAddress } from './helpers/serving.js';
import { stubServer } from './helpers/stub-server.js';

const SIGNATURES: Readonly<Record<string, string>> = {
  GetAllJobs: 'ao',
  GetAllInstances: 'ao',
  Get: 'v',
  GetAll: 'a{sv}',
};

const UPSTART = 'com.ubuntu.Upstart0_6';

const connected = async (address: string): Promise<UpstartClient> => {
  const client = await connect(address);
  onTestFinished(() => client.close());
  return client;
};

type Answers = Readonly<Record<string, readonly [signature: string, body: Value[]]>>;

/** A daemon that has these answers, by path and member, and knows nothing else. */
const answering =
  (answers: Answers) =>
  (connection: Connection, call: Received<CallMessage>): void => {
    const answer = answers[`${call.path} ${call.member}`];
    if (answer) connection.reply(call, ...answer);
    else connection.replyError(call, { name: 'org.freedesktop.DBus.Error.UnknownMethod', message: 'gone' });
  };

describe('list', () => {
  const many = () => {
    const model = new FakeModel();
    for (let i = 0; i < 300; i++) model.add(`job-${i}`, {}, i % 3 === 0 ? [instanceView(`job-${i}`)] : []);
    return model;
  };

  test("reads all jobs with their instances, in the daemon's order", async () => {
    const model = many().add('multi', {}, [
      instanceView('multi', 'b'),
      instanceView('multi', 'a', { state: 'killed' }),
    ]);
    const listed = await (await serve(model).client()).list();
    expect(listed.map(({ name }) => name)).toEqual(model.jobs().map(({ name }) => name));
    expect(listed[0]).toEqual({
      path: '/com/ubuntu/Upstart/jobs/job_2d0',
      name: 'job-0',
      instances: [
        {
          path: '/com/ubuntu/Upstart/jobs/job_2d0/_',
          status: { name: '', goal: 'start', state: 'running', processes: [{ role: 'main', pid: 42 }] },
        },
      ],
    });
    const states = listed.at(-1)?.instances.map(({ status }) => [status.name, status.state]);
    expect(states).toEqual([
      ['b', 'running'],
      ['a', 'killed'],
    ]);
  });

  test('asks one question of a daemon that takes it, and reads what the single calls say', async () => {
    const model = many();
    const upstart = await serve(model).client();
    const stub = stubServer({
      called: async (connection, call) => {
        // As the daemon answers, but for the bulk calls.
        try {
          if (call.interface === 'org.maverick.Init1') throw new UnknownMethodError(ERROR_NAMES.UnknownMethod, '');
          const { path, interface: name = '', member, signature, body } = call;
          const answer = await upstart.rawCall(path, name, member, signature, body);
          connection.reply(call, SIGNATURES[member] ?? '', answer);
        } catch (error) {
          connection.replyError(call, error as DBusError);
        }
      },
    });
    const old = await connected(stub);
    expect(await upstart.list()).toEqual(await old.list());
    expect(await upstart.definitions()).toEqual(await old.definitions());
  });

  test('takes four round trips with another daemon, however many jobs there are', async () => {
    const model = many();
    const paths = model.jobs().map(({ name }) => `/com/ubuntu/Upstart/jobs/${name.replace('-', '_2d')}`);
    const name: Value = new Map([['name', { signature: 's', value: 'x' }]]);
    const text = { signature: 's', value: 'x' };
    let batch: (() => void)[] = [];
    let rounds = 0;
    const answer = (connection: Connection, call: Received<CallMessage>): void => {
      if (call.member === 'GetAllJobs') connection.reply(call, 'ao', [paths]);
      else if (call.member === 'ListJobs')
        connection.replyError(call, { name: ERROR_NAMES.UnknownMethod, message: '' });
      else if (call.member === 'GetAllInstances') connection.reply(call, 'ao', [[`${call.path}/_`]]);
      else if (call.member === 'Get') connection.reply(call, 'v', [text]);
      else connection.reply(call, 'a{sv}', [name]);
    };
    const address = stubServer({
      called: (connection, call) => {
        batch.push(() => answer(connection, call));
        if (batch.length > 1) return;
        // Two turns: what left the client together has arrived by then.
        setImmediate(() =>
          setImmediate(() => {
            rounds++;
            for (const one of batch) one();
            batch = [];
          }),
        );
      },
    });
    expect(await (await connected(address)).list()).toHaveLength(300);
    expect(rounds).toBe(4);
  });

  test('leaves out what goes while it is being read', async () => {
    const jobs = ['/j/gone', '/j/here'];
    const address = stubServer({
      called: answering({
        '/com/ubuntu/Upstart GetAllJobs': ['ao', [jobs]],
        '/j/here Get': ['v', [{ signature: 's', value: 'here' }]],
        '/j/here GetAllInstances': ['ao', [['/j/here/gone']]],
      }),
    });
    expect(await (await connected(address)).list()).toMatchObject([{ path: '/j/here', name: 'here', instances: [] }]);
  });

  test('fails as a whole for any other error', async () => {
    const address = stubServer({
      called: (connection, call) => connection.replyError(call, { name: 'a.b.C', message: 'no' }),
    });
    await expect((await connected(address)).list()).rejects.toMatchObject({ name: 'a.b.C', message: 'no' });
  });
});

describe('an older daemon', () => {
  test('that lacks a property gives undefined', async () => {
    const old = new Map([
      ['name', { signature: 's', value: 'web' }],
      ['emits', { signature: 's', value: 'of another type' }],
    ]);
    const address = stubServer({ called: answering({ '/j GetAll': ['a{sv}', [old]] }) });
    expect(await (await connected(address)).jobAt('/j').properties()).toEqual({
      name: 'web',
      description: '',
      author: '',
      version: '',
      usage: undefined,
      startOn: undefined,
      stopOn: undefined,
      emits: undefined,
      while: undefined,
      staleBecauseOf: undefined,
      file: undefined,
      overrideFile: undefined,
    });
  });

  test('that answers otherwise than agreed is an error', async () => {
    const address = stubServer({ called: answering({ '/com/ubuntu/Upstart GetJobByName': ['s', ['/j']] }) });
    await expect((await connected(address)).job('web')).rejects.toThrowError("GetJobByName answered 's', expected 'o'");
  });
});

describe('events', () => {
  test('go to every reader from its first moment, and end with the connection', async () => {
    const { model, client } = serve();
    const upstart = await client();
    const early = upstart.events();
    await upstart.version();
    model.notify({ kind: 'job-added', session: '', job: 'a' });
    await upstart.version();
    const late = upstart.events();
    model.notify({ kind: 'job-added', session: '', job: 'b' });
    await upstart.version();
    upstart.close();
    const read = async (events: typeof early) => {
      const jobs: string[] = [];
      for await (const event of events) if (event.kind === 'job-added') jobs.push(event.job.slice(-1));
      return jobs;
    };
    expect(await read(early)).toEqual(['a', 'b']);
    expect(await read(late)).toEqual(['b']);
    expect(await read(upstart.events())).toEqual([]);
  });

  test('tell of properties whom asks for it', async () => {
    const model = new FakeModel().add('web', {}, [instanceView('web')]);
    const upstart = await serve(model).client();
    const plain = upstart.events();
    const all = upstart.events({ properties: true });
    await upstart.version();
    const instance = instanceView('web').ref;
    model.notify({ kind: 'goal-changed', instance, from: 'stop', to: 'start' });
    model.notify({ kind: 'job-added', session: '', job: 'b' });
    const path = '/com/ubuntu/Upstart/jobs/web/_';
    const goal = { kind: 'goal-changed', instance: path, goal: 'start' };
    expect((await plain.next()).value).toEqual(goal);
    expect((await plain.next()).value).toMatchObject({ kind: 'job-added' });
    const told = [await all.next(), await all.next(), await all.next()].map(({ value }) => value);
    expect(told).toContainEqual({
      kind: 'properties-changed',
      path,
      interface: 'com.ubuntu.Upstart0_6.Instance',
      changed: new Map([['goal', { signature: 's', value: 'start' }]]),
      invalidated: [],
    });
  });

  test('a reader that leaves its loop hears no more', async () => {
    const { model, client } = serve();
    const upstart = await client();
    const events = upstart.events();
    await upstart.version();
    model.notify({ kind: 'job-added', session: '', job: 'a' }, { kind: 'job-added', session: '', job: 'b' });
    for await (const event of events) {
      expect(event).toMatchObject({ kind: 'job-added' });
      break;
    }
    expect(await events.next()).toEqual({ value: undefined, done: true });
  });

  test('signals of others, or of another shape, are no events', async () => {
    const address = stubServer({
      ready: (connection) => {
        const signal = { kind: 'signal', path: '/x', signature: 's', body: ['x'] } as const;
        connection.send({ ...signal, interface: 'a.b', member: 'JobAdded' });
        connection.send({ ...signal, interface: UPSTART, member: 'JobAdded' });
        connection.send({ ...signal, interface: UPSTART, member: 'Restarted', signature: '', body: [] });
      },
    });
    const events = (await connected(address)).events();
    expect(await events.next()).toEqual({ value: { kind: 'restarted' }, done: false });
  });
});

describe('a connection', () => {
  test.each([
    ['nobody listens', () => uniqueAddress(), 'org.freedesktop.DBus.Error.NoServer'],
    ['there is no socket', () => 'unix:path=/nonexistent/socket', 'org.freedesktop.DBus.Error.FileNotFound'],
    ['it is no address', () => 'nonsense', 'org.freedesktop.DBus.Error.BadAddress'],
  ])('fails where %s', async (_, address, name) => {
    await expect(connect(address())).rejects.toMatchObject({ name });
  });

  test('is made to the first address that answers', async () => {
    const { address } = serve();
    const client = await connected(`unix:path=/nonexistent/socket;${address}`);
    expect(await client.version()).toBe('init (upstart 1.13.2)');
  });

  test('that is refused fails the first call, with what the server said', async () => {
    const client = await connected(stubServer({}, 4242));
    const refusal = 'The connection has ended: the server refused the authentication: REJECTED EXTERNAL';
    await expect(client.version()).rejects.toThrowError(refusal);
    await client.closed;
  });

  test('that has ended fails every call', async () => {
    const client = await serve().client();
    client.close();
    await client.closed;
    await expect(client.version()).rejects.toMatchObject({ name: 'org.freedesktop.DBus.Error.Disconnected' });
    client.close();
  });

  test('with a message that is longer than allowed ends', async () => {
    const { address } = serve(new FakeModel().add('x'.repeat(5000)));
    const client = await connect(address, { maxMessageBytes: 1000 });
    await expect(client.jobs()).rejects.toThrowError(/at most 1000 are accepted/);
  });

  test('carries calls of any object', async () => {
    const client = await serve(new FakeModel().add('web')).client();
    expect(await client.rawCall('/com/ubuntu/Upstart', UPSTART, 'GetAllJobs')).toEqual([
      ['/com/ubuntu/Upstart/jobs/web'],
    ]);
  });

  test('refuses a body that does not fit its signature, and goes on', async () => {
    const client = await serve().client();
    await expect(client.rawCall('/', 'a.b', 'C', 'as', ['x'])).rejects.toThrowError(TypeError);
    expect(await client.logPriority()).toBe('message');
    await client.setLogPriority('debug');
    expect(await client.logPriority()).toBe('debug');
  });
});

describe('jobs and instances', () => {
  test('are found by name and by path, and commanded', async () => {
    const { model, client } = serve(new FakeModel().add('web', {}, [instanceView('web', 'a b')]));
    const upstart = await client();
    const [job] = await upstart.jobs();
    expect(job?.path).toBe((await upstart.job('web')).path);
    const started = await job?.start(['K=v'], { wait: false });
    expect(started?.path).toBe('/com/ubuntu/Upstart/jobs/web/_');
    const [instance] = (await job?.instances()) ?? [];
    expect(instance?.path).toBe('/com/ubuntu/Upstart/jobs/web/a_20b');
    await instance?.start();
    await instance?.restart();
    await instance?.reload();
    await job?.restart();
    await upstart.emit('e', ['A=1'], { wait: false });
    await upstart.reloadConfiguration();
    expect(model.asked).toEqual([
      { kind: 'start', job: 'web', env: ['K=v'], wait: false },
      { kind: 'start', job: 'web', instance: 'a b', wait: true },
      { kind: 'restart', job: 'web', instance: 'a b', wait: true },
      { reload: 'web', instance: 'a b' },
      { kind: 'restart', job: 'web', env: [], wait: true },
      { emit: { name: 'e', env: ['A=1'], wait: false } },
    ]);
    expect(model.reloads).toBe(1);
  });
});

describe('an abort signal', () => {
  const silent = () => stubServer({ called: () => {} });

  test('ends the waiting for one call, and no other', async () => {
    const { model, client } = serve(new FakeModel().add('web'));
    const answers: (() => void)[] = [];
    model.answering = (_, answer) => answers.push(() => answer({ ok: true, instance: instanceView('web').ref }));
    const upstart = await client();
    const controller = new AbortController();
    const job = await upstart.job('web');
    const aborted = job.start([], { signal: controller.signal });
    const kept = job.start([], { signal: new AbortController().signal });
    await upstart.version();
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    // The answers come all the same; the first finds nobody.
    for (const answer of answers) answer();
    expect((await kept).path).toBe('/com/ubuntu/Upstart/jobs/web/_');
  });

  test('that is aborted already keeps the call from being made', async () => {
    const { model, client } = serve(new FakeModel().add('web'));
    const upstart = await client();
    await expect(upstart.emit('e', [], { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    await upstart.version();
    expect(model.asked).toEqual([]);
  });

  test('may be a time limit', async () => {
    const upstart = await connected(await silent());
    await expect(upstart.version({ signal: AbortSignal.timeout(10) })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('does nothing once the answer has come', async () => {
    const controller = new AbortController();
    const upstart = await serve().client();
    await upstart.version({ signal: controller.signal });
    controller.abort();
    await upstart.version();
  });
});

describe('a job by its name', () => {
  test('can be told what to do before it is found', async () => {
    const { model, client } = serve(new FakeModel().add('web', {}, [instanceView('web')]));
    const web = (await client()).job('web');
    expect((await web.start(['A=1'])).path).toBe('/com/ubuntu/Upstart/jobs/web/_');
    await web.stop();
    await web.restart();
    expect((await web.getInstance()).path).toBe((await web.getInstanceByName('')).path);
    expect(await web.instances()).toHaveLength(1);
    expect((await web.properties()).name).toBe('web');
    expect(model.asked.map((asked) => (asked as { kind?: string }).kind).filter(Boolean)).toEqual([
      'start',
      'stop',
      'restart',
    ]);
  });
});

test('a descriptor travels with an event, and stays open here', async () => {
  const { model, client } = serve();
  const file = openSync('/etc/passwd', 'r');
  onTestFinished(() => closeSync(file));
  await (await client()).emitWithFile('file-came', file, ['A=1']);
  const [{ emit }] = model.asked as [{ emit: { name: string; env: string[]; fds: number[] } }];
  expect(emit).toMatchObject({ name: 'file-came', env: ['A=1'], wait: true });
  const [received = -1] = emit.fds;
  expect(received).not.toBe(file);
  expect(readlinkSync(`/proc/self/fd/${received}`)).toBe('/etc/passwd');
  closeSync(received);
  expect(readlinkSync(`/proc/self/fd/${file}`)).toBe('/etc/passwd');
});
