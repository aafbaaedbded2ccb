import { describe, expect, test } from 'vitest';
import { FOR_OWNERS, REFUSALS, type Rights, refusalOf, rightsIn } from '../src/access.js';
import { newClient } from '../src/client-link.js';
import {
  INIT1,
  type InterfaceDefinition,
  JOB_CLASS,
  JOB_INSTANCE,
  MANAGER,
  PROPERTIES,
  signatureOf,
  type WireType,
} from '../src/interfaces.js';
import type { CallMessage } from '../src/message.js';
import { route } from '../src/router.js';
import type { Value } from '../src/value.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';

const DAEMON = 1000;
const REFUSED = 'com.ubuntu.Upstart0_6.Error.PermissionDenied';

const SAMPLES: Readonly<Partial<Record<WireType, Value>>> = {
  s: 'web',
  b: true,
  as: [],
  h: 0,
  u: 1,
  'a{sv}': new Map(),
};

const OBJECTS: Readonly<Record<'manager' | 'init1' | 'job' | 'instance', InterfaceDefinition>> = {
  manager: MANAGER,
  init1: INIT1,
  job: JOB_CLASS,
  instance: JOB_INSTANCE,
};
const PATHS = {
  manager: '/com/ubuntu/Upstart',
  init1: '/com/ubuntu/Upstart',
  job: '/com/ubuntu/Upstart/jobs/web',
  instance: '/com/ubuntu/Upstart/jobs/web/_',
} as const satisfies Record<keyof typeof OBJECTS, string>;

/** Call a method with arguments of the right types. @returns the name and text of the error, if one came */
const callAs = (uid: number, message: Omit<CallMessage, 'kind' | 'noReply'>): string | undefined => {
  let outcome: string | undefined;
  const model = new FakeModel().add('web', {}, [instanceView('web')]);
  route(
    {
      model,
      daemonUid: DAEMON,
      peer: { uid, gid: uid, pid: 1 },
      session: '',
      client: newClient({ signal: () => {} }),
      keepFd: () => {},
      waits: () => {},
      message: { ...message, kind: 'call', noReply: false },
    },
    { ok: () => {}, fail: ({ name, message }) => (outcome = `${name}: ${message}`) },
  );
  return outcome;
};

const METHODS = (['manager', 'init1', 'job', 'instance'] as const).flatMap((object) =>
  Object.entries(OBJECTS[object].methods).map(([member, { in: args }]) => ({ object, member, args })),
);

const QUERY = 'You do not have permission to query job environment';
const MODIFY = 'You do not have permission to modify job environment';
const EMIT = 'You do not have permission to emit an event';
const JOB = 'You do not have permission to modify job: web';

/** What everybody else hears; a member that is not here is open to all. */
const TEXTS: Readonly<Record<string, string>> = {
  'manager.ReloadConfiguration': 'You do not have permission to reload configuration',
  'manager.GetState': 'You do not have permission to request state',
  'manager.Restart': 'You do not have permission to request restart',
  'manager.GetEnv': QUERY,
  'manager.ListEnv': QUERY,
  'manager.SetEnv': MODIFY,
  'manager.SetEnvList': MODIFY,
  'manager.UnsetEnv': MODIFY,
  'manager.UnsetEnvList': MODIFY,
  'manager.ResetEnv': MODIFY,
  'manager.EmitEvent': EMIT,
  'manager.EmitEventWithFile': EMIT,
  'manager.NotifyDiskWriteable': 'You do not have permission to notify disk is writeable',
  'manager.NotifyDBusAddress': 'You do not have permission to notify D-Bus address',
  'manager.NotifyCGroupManagerAddress': 'You do not have permission to notify cgroup manager address',
  'manager.EndSession': 'You do not have permission to end session',
  'init1.Journal': 'You do not have permission to read the journal',
  'init1.JournalPlace': 'You do not have permission to read the journal',
  'init1.StopJournal': 'You do not have permission to read the journal',
  'init1.Simulate': 'You do not have permission to simulate',
  'init1.OpenSession': 'You do not have permission to open a session',
  'init1.CloseSession': 'You do not have permission to close a session',
  'init1.ConfirmStarts': 'You do not have permission to confirm starts',
  'init1.AnswerStart': 'You do not have permission to confirm starts',
  'init1.ReleaseFiles': 'You do not have permission to have files released',
  'init1.ResumeFiles': 'You do not have permission to have files held',
  'job.Start': JOB,
  'job.Stop': JOB,
  'job.Restart': JOB,
  'instance.Start': JOB,
  'instance.Stop': JOB,
  'instance.Restart': JOB,
  'instance.Reload': JOB,
};

test.each(METHODS)('another user and $object.$member', ({ object, member, args }) => {
  const call = {
    path: PATHS[object],
    interface: OBJECTS[object].name,
    member,
    signature: signatureOf(args),
    body: args.map(([, type]) => SAMPLES[type] ?? ''),
  };
  const text = TEXTS[`${object}.${member}`];
  if (text === undefined) expect(callAs(1234, call) ?? '').not.toContain(REFUSED);
  else expect(callAs(1234, call)).toBe(`${REFUSED}: ${text}`);
  for (const uid of [0, DAEMON]) expect(callAs(uid, call) ?? '').not.toContain(REFUSED);
});

test('the types of the arguments are looked at before the caller', () => {
  const call = { path: PATHS.manager, interface: MANAGER.name, member: 'EmitEvent', signature: 's', body: ['x'] };
  expect(callAs(1234, call)).toBe('org.freedesktop.DBus.Error.InvalidArgs: Invalid arguments to EmitEvent method');
});

test.each([
  [1234, `${REFUSED}: You do not have permission to set log priority`],
  [DAEMON, undefined],
  [0, undefined],
])('uid %i sets the log priority: %s', (uid, outcome) => {
  const body = [MANAGER.name, 'log_priority', { signature: 's', value: 'debug' }];
  const call = { path: PATHS.manager, interface: PROPERTIES.name, member: 'Set', signature: 'ssv', body };
  expect(callAs(uid, call)).toBe(outcome);
});

describe('sessions', () => {
  const CHROOT = '/srv/build';
  test.each<[session: string, trusted: boolean, target: string, rights: Rights]>([
    ['', true, '', 'all'],
    ['', true, CHROOT, 'all'],
    ['', false, '', 'look'],
    ['', false, CHROOT, 'none'],
    // Root inside of a chroot is root there alone.
    [CHROOT, true, CHROOT, 'own'],
    [CHROOT, true, '', 'look'],
    [CHROOT, true, '/srv/other', 'none'],
    ['user:alice', false, 'user:alice', 'own'],
    ['user:alice', false, '', 'look'],
    ['user:alice', false, 'user:bob', 'none'],
    ['user:alice', false, CHROOT, 'none'],
  ])('in %j, trusted %s, one may with %j: %s', (session, trusted, target, rights) => {
    expect(rightsIn({ session, trusted }, target)).toBe(rights);
  });

  const restricted = [...REFUSALS].flatMap(([name, members]) =>
    [...members.keys()].map((member) => ({ name, member })),
  );
  test.each(restricted)('$name.$member is refused to who only looks', ({ name, member }) => {
    expect(refusalOf('look', name, member, 'web')?.name).toBe(REFUSED);
    expect(refusalOf('all', name, member, 'web')).toBeUndefined();
    expect(refusalOf('own', name, member, 'web') === undefined).toBe(FOR_OWNERS.get(name)?.has(member) ?? false);
  });

  test('what is for owners is nothing that is for everybody anyway', () => {
    for (const [name, members] of FOR_OWNERS) {
      for (const member of members) expect(REFUSALS.get(name)?.has(member), `${name}.${member}`).toBe(true);
    }
  });
});
