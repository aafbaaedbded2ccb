import type { SessionId } from '@maverick/engine';
import { beforeEach, describe, expect, test } from 'vitest';
import { dbusError } from '../src/error-names.js';
import type { Contact, PeerCredentials, SessionView, UpstartModel } from '../src/model.js';
import type { ServerOptions } from '../src/server.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { serve } from './helpers/serving.js';

const CHROOT = '/srv/build';
const USER = 'user:alice';
const CHROOT_WEB = '/com/ubuntu/Upstart/jobs/_2fsrv_2fbuild/web';
const UNKNOWN = 'org.freedesktop.DBus.Error.UnknownMethod';
const DENIED = 'com.ubuntu.Upstart0_6.Error.PermissionDenied';

/** A daemon with sessions; where the next caller is, is for the test to say. */
class FakeSessions extends FakeModel {
  readonly views = new Map<SessionId, FakeSession>();
  at: Contact = { ok: true, session: '' };
  readonly contacts: PeerCredentials[] = [];

  contact(caller: PeerCredentials): Contact {
    this.contacts.push(caller);
    return this.at;
  }

  inSession(session: SessionId): UpstartModel | undefined {
    return session === '' ? this : this.views.get(session);
  }

  sessions(): SessionView[] {
    const others = [...this.views.values()].map(({ id, kind }) => ({ id, kind, jobs: 1 }));
    return [{ id: '', kind: 'system', jobs: 1 }, ...others];
  }

  open(id: SessionId, kind: 'chroot' | 'user'): FakeSession {
    const view = new FakeSession(this, id, kind);
    this.views.set(id, view);
    return view;
  }
}

class FakeSession extends FakeModel {
  readonly id: SessionId;
  readonly kind: 'chroot' | 'user';
  readonly system: FakeSessions;
  readonly jobsBeside?: () => ReturnType<FakeModel['jobs']>;

  constructor(system: FakeSessions, id: SessionId, kind: 'chroot' | 'user') {
    super();
    this.system = system;
    this.id = id;
    this.kind = kind;
    if (kind === 'user') this.jobsBeside = () => system.jobs();
  }

  inSession(session: SessionId): UpstartModel | undefined {
    return this.system.inSession(session);
  }

  sessions(): SessionView[] {
    return this.system.sessions();
  }

  override jobs() {
    return super.jobs().map((job) => ({ ...job, session: this.id }));
  }

  override job(name: string) {
    const job = super.job(name);
    return job && { ...job, session: this.id };
  }
}

let model: FakeSessions;
let chroot: FakeSession;
let user: FakeSession;

const inWeb = (session: SessionId) => {
  const view = instanceView('web');
  return { ...view, ref: { ...view.ref, session } };
};

beforeEach(() => {
  model = new FakeSessions().add('web', { description: "the system's" }, [inWeb('')]);
  chroot = model.open(CHROOT, 'chroot').add('web', { description: "the chroot's" }, [inWeb(CHROOT)]);
  user = model.open(USER, 'user').add('desk');
});

const at = (session: SessionId): void => {
  model.at = { ok: true, session };
};

const serveSessions = (options: Partial<ServerOptions> = {}) => serve(model, options);

describe('a caller', () => {
  test('of a chroot sees its jobs alone, under paths of their own', async () => {
    at(CHROOT);
    const client = await serveSessions().client();
    expect((await client.jobs()).map(({ path }) => path)).toEqual([CHROOT_WEB]);
    expect((await client.job('web')).path).toBe(CHROOT_WEB);
    expect((await client.list()).map(({ path }) => path)).toEqual([CHROOT_WEB]);
    expect(await client.jobAt(CHROOT_WEB).properties()).toMatchObject({ description: "the chroot's" });
  });

  test('of a user sees the jobs of the system beside theirs, and finds theirs by name', async () => {
    at(USER);
    const client = await serveSessions().client();
    const both = ['/com/ubuntu/Upstart/jobs/user_3aalice/desk', '/com/ubuntu/Upstart/jobs/web'];
    expect((await client.jobs()).map(({ path }) => path)).toEqual(both);
    expect((await client.definitions()).map(({ path }) => path)).toEqual(both);
    await expect(client.job('web')).rejects.toThrow('Unknown job: web');
    expect(await client.jobAt('/com/ubuntu/Upstart/jobs/web').properties()).toMatchObject({ name: 'web' });
  });

  test('commands the jobs of its own session, and those of no other', async () => {
    at(CHROOT);
    const client = await serveSessions().client();
    await client.jobAt(CHROOT_WEB).stop([], { wait: false });
    await client.emit('go', [], { wait: false });
    await client.setEnv(['A=b']);
    await client.reloadConfiguration();
    expect(chroot.asked.length).toBeGreaterThan(1);
    expect(chroot.table).toEqual(['A=b']);
    expect(chroot.reloads).toBe(1);
    await expect(client.jobAt('/com/ubuntu/Upstart/jobs/web').stop()).rejects.toMatchObject({ name: DENIED });
    await expect(client.jobAt('/com/ubuntu/Upstart/jobs/user_3aalice/desk').start()).rejects.toMatchObject({
      name: UNKNOWN,
    });
    await expect(client.restart()).rejects.toMatchObject({ name: DENIED });
    await expect(client.state()).rejects.toMatchObject({ name: DENIED });
    expect([model.asked, user.asked]).toEqual([[], []]);
  });

  test('whose session is not known gets nothing but that', async () => {
    model.at = { ok: false, error: dbusError('NoSession', 'no root directory') };
    const client = await serveSessions().client();
    for (const asked of [client.version(), client.jobs(), client.emit('go')]) {
      await expect(asked).rejects.toThrow('no root directory');
    }
  });

  test('is found anew at every call: who changes its root directory has changed its session', async () => {
    const client = await serveSessions().client();
    expect((await client.jobs()).map(({ path }) => path)).toEqual(['/com/ubuntu/Upstart/jobs/web']);
    at(CHROOT);
    expect((await client.jobs()).map(({ path }) => path)).toEqual([CHROOT_WEB]);
  });

  test('whose session has just closed is told so, and never answered by another', async () => {
    at('/srv/gone');
    const client = await serveSessions().client();
    await expect(client.jobs()).rejects.toThrow('Unknown session: /srv/gone');
  });
});

describe('the object of a session', () => {
  test('is the manager of that session, for whoever may have it', async () => {
    const client = await serveSessions().client();
    const inside = client.inSession(CHROOT);
    expect((await inside.jobs()).map(({ path }) => path)).toEqual([CHROOT_WEB]);
    await inside.emit('go', [], { wait: false });
    expect(chroot.asked).toEqual([{ emit: expect.objectContaining({ name: 'go' }) }]);
    // Of a user's session, shown alone.
    expect((await client.inSession(USER).jobs()).map(({ path }) => path)).toEqual([
      '/com/ubuntu/Upstart/jobs/user_3aalice/desk',
    ]);
  });

  test("is the system's for who is elsewhere, to look at", async () => {
    at(CHROOT);
    const system = (await serveSessions().client()).inSession('');
    expect((await system.jobs()).map(({ path }) => path)).toEqual(['/com/ubuntu/Upstart/jobs/web']);
    await expect(system.emit('go')).rejects.toMatchObject({ name: DENIED });
    expect(model.asked).toEqual([]);
  });

  test('is not there for others', async () => {
    at(USER);
    const client = await serveSessions().client();
    await expect(client.inSession(CHROOT).jobs()).rejects.toMatchObject({ name: UNKNOWN });
    await expect(client.inSession('/nowhere').jobs()).rejects.toMatchObject({ name: UNKNOWN });
  });

  test('sessions are listed as far as they concern the caller', async () => {
    const client = await serveSessions().client();
    const ids = async () => (await client.init1.sessions()).map(({ id }) => id);
    expect(await ids()).toEqual(['', CHROOT, USER]);
    at(USER);
    expect(await ids()).toEqual(['', USER]);
  });
});

describe('signals', () => {
  const next = async (stream: AsyncIterableIterator<unknown>) => (await stream.next()).value;

  test('of a session reach its clients alone', async () => {
    const { client } = serveSessions();
    const streams = [];
    for (const session of ['', CHROOT, USER]) {
      at(session);
      const one = await client();
      await one.version();
      streams.push(one.events());
    }
    const [system, inChroot, ofUser] = streams as [AsyncIterableIterator<unknown>, ...typeof streams];
    model.notify(
      { kind: 'job-added', session: CHROOT, job: 'c' },
      { kind: 'job-added', session: USER, job: 'u' },
      { kind: 'event-finished', event: 1, session: CHROOT, name: 'inside', env: ['SECRET=1'], failed: false },
      { kind: 'job-added', session: '', job: 's' },
      { kind: 'instance-added', instance: inWeb(CHROOT).ref },
    );
    expect(await next(system)).toEqual({ kind: 'job-added', job: '/com/ubuntu/Upstart/jobs/s' });
    expect(await next(ofUser as typeof system)).toEqual({
      kind: 'job-added',
      job: '/com/ubuntu/Upstart/jobs/user_3aalice/u',
    });
    // Users look at the system.
    expect(await next(ofUser as typeof system)).toEqual({ kind: 'job-added', job: '/com/ubuntu/Upstart/jobs/s' });
    expect(await next(inChroot as typeof system)).toMatchObject({ kind: 'job-added' });
    expect(await next(inChroot as typeof system)).toEqual({ kind: 'event-emitted', name: 'inside', env: ['SECRET=1'] });
    expect(await next(inChroot as typeof system)).toMatchObject({ kind: 'instance-added', job: CHROOT_WEB });
  });
});

describe('a socket of one session', () => {
  test('has callers of that session, whatever else is known of them', async () => {
    const client = await serveSessions({ session: CHROOT }).client();
    expect((await client.jobs()).map(({ path }) => path)).toEqual([CHROOT_WEB]);
    expect(model.contacts).toEqual([]);
  });
});
