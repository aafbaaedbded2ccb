import type { Connection } from './connection.js';
import { DBusError } from './dbus-error.js';
import { ERROR_NAMES } from './error-names.js';
import { type InterfaceDefinition, PROPERTIES, signatureOf, type Values } from './interfaces.js';
import type { Value, Variant } from './value.js';

const unexpected = (member: string, got: string, expected: string): DBusError =>
  new DBusError(ERROR_NAMES.InvalidArgs, `${member} answered '${got}', expected '${expected}'`);

/** Call a method of a known interface, and make sure that the answer has its types. */
export const callMethod = async <D extends InterfaceDefinition, M extends keyof D['methods'] & string>(
  connection: Connection,
  path: string,
  definition: D,
  member: M,
  body: Values<D['methods'][M]['in']>,
): Promise<Values<D['methods'][M]['out']>> => {
  const method = definition.methods[member];
  const signature = signatureOf(method?.in ?? []);
  const values = body as unknown as readonly Value[];
  const answer = await connection.call({ path, interface: definition.name, member, signature, body: values });
  const expected = signatureOf(method?.out ?? []);
  if (answer.signature !== expected) throw unexpected(member, answer.signature, expected);
  // The signatures are the same, so the values are those that the definition promises.
  return answer.body as unknown as Values<D['methods'][M]['out']>;
};

/** Read one property. */
export const getProperty = async (
  connection: Connection,
  path: string,
  definition: InterfaceDefinition,
  property: string,
): Promise<Value> => {
  const [variant] = await callMethod(connection, path, PROPERTIES, 'Get', [definition.name, property]);
  return variant.value;
};

/** Set a property whose type is `s`. */
export const setProperty = async (
  connection: Connection,
  path: string,
  definition: InterfaceDefinition,
  property: string,
  value: string,
): Promise<void> => {
  const body = [definition.name, property, { signature: 's', value }] as const;
  await callMethod(connection, path, PROPERTIES, 'Set', body);
};

/** The properties of an interface by name. One that is missing, or has another type than expected, is `undefined`. */
export type PropertyReader = (property: string) => Value | undefined;

/** Read all properties of an interface in one call. */
export const getAllProperties = async (
  connection: Connection,
  path: string,
  definition: InterfaceDefinition,
): Promise<PropertyReader> => {
  const [all] = await callMethod(connection, path, PROPERTIES, 'GetAll', [definition.name]);
  return (property) => {
    const variant = all.get(property) as Variant | undefined;
    return variant?.signature === definition.properties[property]?.type ? variant?.value : undefined;
  };
};
