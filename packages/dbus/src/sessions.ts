import { answerPlainly, type Call, notSupported } from './call.js';
import { replyError } from './error-names.js';
import type { MethodTable } from './implementation.js';
import type { INIT1 } from './interfaces.js';
import type { SessionView } from './model.js';
import type { Variant } from './value.js';

const describe = ({ id, kind, root, uid, jobs }: SessionView): ReadonlyMap<string, Variant> =>
  new Map<string, Variant>([
    ['id', { signature: 's', value: id }],
    ['kind', { signature: 's', value: kind }],
    ...(root === undefined ? [] : [['root', { signature: 's', value: root }] as const]),
    ...(uid === undefined ? [] : [['uid', { signature: 'u', value: uid }] as const]),
    ['jobs', { signature: 'u', value: jobs }],
  ]);

/** The methods about sessions. */
export const sessionMethods: Pick<MethodTable<typeof INIT1, Call>, 'Sessions' | 'OpenSession' | 'CloseSession'> = {
  Sessions: ({ model }, _, answer) => {
    if (!model.sessions) throw notSupported('Sessions');
    answer(model.sessions().map(describe));
  },
  OpenSession: ({ model }, [options], answer) => {
    if (!model.openSession) throw notSupported('OpenSession');
    const plain = Object.fromEntries(Array.from(options, ([key, { value }]) => [key, value]));
    model.openSession(plain, (reply) => {
      if (!reply.ok) answer.fail(replyError(reply));
      else answer('session' in reply ? reply.session : '');
    });
  },
  CloseSession: ({ model }, [session], answer) => {
    if (!model.closeSession) throw notSupported('CloseSession');
    model.closeSession(session, answerPlainly(answer));
  },
};
