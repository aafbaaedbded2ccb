import { type Call, demand, notSupported } from './call.js';
import { dbusError } from './error-names.js';
import type { MethodTable } from './implementation.js';
import type { INIT1 } from './interfaces.js';
import type { SessionView, SessionWish } from './model.js';
import { SYSTEM_SESSION } from './object-path.js';
import type { Variant } from './value.js';

const describe = (own: string, { id, kind, root, uid, jobs, closing }: SessionView): ReadonlyMap<string, Variant> =>
  new Map<string, Variant>([
    ['id', { signature: 's', value: id }],
    ['kind', { signature: 's', value: kind }],
    ...(root === undefined ? [] : [['root', { signature: 's', value: root }] as const]),
    ...(uid === undefined ? [] : [['uid', { signature: 'u', value: uid }] as const]),
    ['jobs', { signature: 'u', value: jobs }],
    ['closing', { signature: 'b', value: closing ?? false }],
    ['own', { signature: 'b', value: id === own }],
  ]);

const WISHES = 'Expected a root (s), a uid (u) or a user (s), and at most a startup_event (s)';

type Options = ReadonlyMap<string, Variant>;

const text = (options: Options, name: string): string | undefined => {
  const { signature, value } = options.get(name) ?? {};
  demand(signature === undefined || signature === 's', 'InvalidArgs', WISHES);
  return value === undefined ? undefined : String(value);
};

/** Exactly one of the three. */
const wishOf = (options: Options): SessionWish => {
  const { signature, value } = options.get('uid') ?? {};
  demand(signature === undefined || signature === 'u', 'InvalidArgs', WISHES);
  const [root, user] = [text(options, 'root'), text(options, 'user')];
  const wishes: SessionWish[] = [
    ...(root === undefined ? [] : [{ root }]),
    ...(value === undefined ? [] : [{ uid: Number(value) }]),
    ...(user === undefined ? [] : [{ user }]),
  ];
  const [wish] = wishes;
  if (wish === undefined || wishes.length > 1) throw dbusError('InvalidArgs', WISHES);
  return wish;
};

const ALLOWED = new Set(['root', 'uid', 'user', 'startup_event']);

/** Who is in a session of their own hears of no others. */
const isFor =
  (session: string) =>
  ({ id }: SessionView): boolean =>
    session === SYSTEM_SESSION || id === session || id === SYSTEM_SESSION;

/** The methods about sessions. */
export const sessionMethods: Pick<MethodTable<typeof INIT1, Call>, 'Sessions' | 'OpenSession' | 'CloseSession'> = {
  Sessions: ({ model, session, from = session }, _, answer) => {
    if (!model.sessions) throw notSupported('Sessions');
    const shown = model.sessions().filter(isFor(session));
    answer(shown.map((view) => describe(from, view)));
  },
  OpenSession: ({ model }, [options], answer) => {
    if (!model.openSession) throw notSupported('OpenSession');
    demand(
      [...options.keys()].every((name) => ALLOWED.has(name)),
      'InvalidArgs',
      WISHES,
    );
    const opened = model.openSession(wishOf(options), text(options, 'startup_event'));
    if (opened.ok) answer(opened.session);
    else answer.fail(opened.error);
  },
  CloseSession: ({ model, session }, [id], answer) => {
    if (!model.closeSession) throw notSupported('CloseSession');
    demand(isFor(session)({ id, kind: 'system', jobs: 0 }), 'UnknownSession', `Unknown session: ${id}`);
    model.closeSession(id, (failure) => (failure ? answer.fail(failure) : answer()));
  },
};
