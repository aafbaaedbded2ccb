import { isTrusted, type Rights, refusalOf, rightsIn } from './access.js';
import type { Call } from './call.js';
import { DBusError } from './dbus-error.js';
import { dbusError } from './error-names.js';
import type { Answer } from './implementation.js';
import { signatureOf } from './interfaces.js';
import type { CallMessage } from './message.js';
import { type BoundInterface, bind, findNode, type ObjectNode } from './object-tree.js';
import { bus, monitoring } from './pretended-bus.js';
import { introspectable, type NodeCall, peer, properties } from './standard-interfaces.js';
import type { Value } from './value.js';

/** How the answer to a call leaves. Exactly one of the two is called, once. */
export interface Reply {
  ok(signature: string, body: readonly Value[]): void;
  fail(error: DBusError): void;
}

/** A call with everything that decides its answer. */
export interface RoutedCall extends Call {
  readonly message: CallMessage;
  readonly daemonUid: number;
}

const unknownMethod = ({ member, signature, interface: name }: CallMessage): DBusError =>
  dbusError(
    'UnknownMethod',
    `Method "${member}" with signature "${signature}" on interface "${name ?? '(null)'}" doesn't exist\n`,
  );

/** What an object answers with, in the order in which a member is looked for that is called without its interface. */
const interfacesOf = (call: RoutedCall, node: ObjectNode | undefined, rights: Rights): readonly BoundInterface[] => {
  // Peer is everywhere. Only where there is no bus, which would say who called, are we what there is of one.
  const everywhere =
    call.message.sender === undefined
      ? [bind(peer, undefined), bind(bus, call), bind(monitoring, call)]
      : [bind(peer, undefined)];
  if (!node) return everywhere;
  const target: NodeCall = { node, rights, unknown: () => unknownMethod(call.message) };
  const ofObject = node.interfaces.length > 0 ? [...node.interfaces, bind(properties, target)] : [];
  return [...ofObject, bind(introspectable, target), ...everywhere];
};

/** The interface that a call names; without a name, the first that has the member, as libdbus does it. */
const findInterface = (call: RoutedCall, node: ObjectNode | undefined, rights: Rights): BoundInterface | undefined => {
  const { interface: name, member } = call.message;
  return interfacesOf(call, node, rights).find(({ definition }) =>
    name === undefined ? Object.hasOwn(definition.methods, member) : definition.name === name,
  );
};

const answerWith = (reply: Reply, signature: string): Answer => {
  let answered = false;
  const once = (send: () => void): void => {
    if (answered) return;
    answered = true;
    send();
  };
  const answer = (...values: readonly Value[]): void => once(() => reply.ok(signature, values));
  answer.fail = (error: DBusError): void => once(() => reply.fail(error));
  return answer;
};

const dispatch = (call: RoutedCall, reply: Reply): void => {
  const { message, session } = call;
  const standing = { session, trusted: isTrusted(call.peer, call.daemonUid) };
  const found = findNode(call, message.path);
  const rights = rightsIn(standing, found?.session ?? session);
  const node = rights === 'none' ? undefined : found;
  const target = findInterface(call, node, rights);
  const method =
    target && Object.hasOwn(target.definition.methods, message.member)
      ? target.definition.methods[message.member]
      : undefined;
  if (!target || !method) throw unknownMethod(message);
  if (message.signature !== signatureOf(method.in)) {
    throw dbusError('InvalidArgs', `Invalid arguments to ${message.member} method`);
  }
  const refusal = refusalOf(rights, target.definition.name, message.member, node?.job);
  if (refusal) throw refusal;
  target.call(message.member, message.body, answerWith(reply, signatureOf(method.out)));
};

/**
 * Answer a call, now or later. What does not exist, whether object, interface, method or property, is an unknown
 * method: clients take this for "gone".
 */
export const route = (call: RoutedCall, reply: Reply): void => {
  try {
    dispatch(call, reply);
  } catch (error) {
    // A handler that fails must cost its caller an error, and nobody else anything.
    if (error instanceof DBusError) reply.fail(error);
    else reply.fail(dbusError('Failed', error instanceof Error ? error.message : String(error)));
  }
};
