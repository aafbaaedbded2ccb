import { readFileSync } from 'node:fs';
import { type Rights, refusalOf } from './access.js';
import { demand } from './call.js';
import type { DBusError } from './dbus-error.js';
import { dbusError } from './error-names.js';
import { implement } from './implementation.js';
import { INTROSPECTABLE, PEER, PROPERTIES } from './interfaces.js';
import { introspect } from './introspection.js';
import type { BoundInterface, ObjectNode } from './object-tree.js';
import type { Variant } from './value.js';

/** A call of a standard interface, on whatever object. */
export interface NodeCall {
  readonly node: ObjectNode;
  /** What the caller may do in the session of the object. */
  readonly rights: Rights;
  /** The answer for what does not exist. */
  unknown(): DBusError;
}

/** The interfaces of this name; an empty name means any. */
const named = ({ node }: NodeCall, name: string): readonly BoundInterface[] =>
  node.interfaces.filter(({ definition }) => name === '' || definition.name === name);

const findProperty = (call: NodeCall, name: string, property: string) => {
  const owner = named(call, name).find(({ definition }) => Object.hasOwn(definition.properties, property));
  const definition = owner?.definition.properties[property];
  if (!owner || !definition) throw call.unknown();
  return { owner, definition };
};

const readProperty = (owner: BoundInterface, property: string, signature: string): Variant => ({
  signature,
  value: owner.get(property),
});

/** `org.freedesktop.DBus.Properties`, on objects that have some. */
export const properties = implement<typeof PROPERTIES, NodeCall>(
  PROPERTIES,
  {
    Get: (call, [name, property], answer) => {
      const { owner, definition } = findProperty(call, name, property);
      answer(readProperty(owner, property, definition.type));
    },
    Set: (call, [name, property, value], answer) => {
      const { owner, definition } = findProperty(call, name, property);
      demand(definition.access === 'readwrite', 'AccessDenied', `The ${property} property is read-only`);
      demand(value.signature === definition.type, 'InvalidArgs', `Invalid arguments to ${property} property`);
      const refusal = refusalOf(call.rights, owner.definition.name, property, call.node.job);
      if (refusal) throw refusal;
      owner.set(property, value.value);
      answer();
    },
    GetAll: (call, [name], answer) => {
      const all = new Map<string, Variant>();
      for (const owner of named(call, name)) {
        for (const [property, { type }] of Object.entries(owner.definition.properties)) {
          if (!all.has(property)) all.set(property, readProperty(owner, property, type));
        }
      }
      answer(all);
    },
  },
  {},
);

/** `org.freedesktop.DBus.Introspectable`, on every object and every step on the way to one. */
export const introspectable = implement<typeof INTROSPECTABLE, NodeCall>(
  INTROSPECTABLE,
  {
    Introspect: ({ node }, _, answer) => {
      const own = node.interfaces.map(({ definition }) => definition);
      const hasProperties = own.some(({ properties }) => Object.keys(properties).length > 0);
      const interfaces =
        node.path === undefined ? [] : [...own, ...(hasProperties ? [PROPERTIES] : []), INTROSPECTABLE];
      const path = node.path === undefined ? {} : { path: node.path };
      answer(introspect({ ...path, interfaces, children: node.children() }));
    },
  },
  {},
);

const MACHINE_ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

const machineId = (): string => {
  for (const file of MACHINE_ID_FILES) {
    try {
      return readFileSync(file, 'latin1').trim();
    } catch {
      // The next place may have it; the error below names both.
    }
  }
  throw dbusError('Failed', `The machine has no id: ${MACHINE_ID_FILES.join(' and ')} can not be read`);
};

/** `org.freedesktop.DBus.Peer`, on every path whatever is there. */
export const peer = implement<typeof PEER, undefined>(
  PEER,
  {
    Ping: (_, __, answer) => answer(),
    GetMachineId: (_, __, answer) => answer(machineId()),
  },
  {},
);
