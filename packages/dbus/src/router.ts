import { isTrusted, refusalOf } from './access.js';
import type { Call } from './call.js';
import { DBusError } from './dbus-error.js';
import { dbusError } from './error-names.js';
import type { Answer } from './implementation.js';
import { BUS, INTROSPECTABLE, PEER, PROPERTIES, signatureOf } from './interfaces.js';
import type { CallMessage } from './message.js';
import { type BoundInterface, bind, findNode, type ObjectNode } from './object-tree.js';
import { bus, introspectable, type NodeCall, peer, properties } from './standard-interfaces.js';
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

/** The interface that a call names, if the object at its path has it. Peer and the bus are everywhere. */
const findInterface = (
  call: RoutedCall,
  node: ObjectNode | undefined,
  trusted: boolean,
): BoundInterface | undefined => {
  const { message } = call;
  if (message.interface === PEER.name) return bind(peer, undefined);
  if (message.interface === BUS.name) return bind(bus, undefined);
  if (!node) return undefined;
  const target: NodeCall = { node, trusted, unknown: () => unknownMethod(message) };
  if (message.interface === INTROSPECTABLE.name) return bind(introspectable, target);
  if (message.interface === PROPERTIES.name && node.interfaces.length > 0) return bind(properties, target);
  return node.interfaces.find(({ definition }) => definition.name === message.interface);
};

const answerWith = (reply: Reply, signature: string): Answer => {
  let answered = false;
  const once = (send: () => void): void => {
    if (answered) return;
    answered = true;
    send();
  };
  return Object.assign((...values: readonly Value[]) => once(() => reply.ok(signature, values)), {
    fail: (error: DBusError) => once(() => reply.fail(error)),
  });
};

const dispatch = (call: RoutedCall, reply: Reply): void => {
  const { message } = call;
  const node = findNode(call, message.path);
  const trusted = isTrusted(call.peer, call.daemonUid);
  const target = findInterface(call, node, trusted);
  const method =
    target && Object.hasOwn(target.definition.methods, message.member)
      ? target.definition.methods[message.member]
      : undefined;
  if (!target || !method) throw unknownMethod(message);
  if (message.signature !== signatureOf(method.in)) {
    throw dbusError('InvalidArgs', `Invalid arguments to ${message.member} method`);
  }
  const refusal = trusted ? undefined : refusalOf(target.definition.name, message.member, node?.job);
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
