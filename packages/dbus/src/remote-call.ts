import { InvalidArgsError } from './call-errors.js';
import type { CallOptions } from './call-options.js';
import type { DBusError } from './dbus-error.js';
import { ERROR_NAMES } from './error-names.js';
import { type InterfaceDefinition, PROPERTIES, signatureOf, type Values } from './interfaces.js';
import type { Remote } from './remote.js';
import type { Value, Variant } from './value.js';

const unexpected = (member: string, got: string, expected: string): DBusError =>
  new InvalidArgsError(ERROR_NAMES.InvalidArgs, `${member} answered '${got}', expected '${expected}'`);

/** Call a method of a known interface, and make sure that the answer has its types. */
export const callMethod = async <D extends InterfaceDefinition, M extends keyof D['methods'] & string>(
  remote: Remote,
  path: string,
  definition: D,
  member: M,
  body: Values<D['methods'][M]['in']>,
  options?: CallOptions,
): Promise<Values<D['methods'][M]['out']>> => {
  const method = definition.methods[member];
  const signature = signatureOf(method?.in ?? []);
  const values = body as unknown as readonly Value[];
  const call = { path, interface: definition.name, member, signature, body: values };
  const answer = await remote.call(call, options);
  const expected = signatureOf(method?.out ?? []);
  if (answer.signature !== expected) throw unexpected(member, answer.signature, expected);
  // The signatures are the same, so the values are those that the definition promises.
  return answer.body as unknown as Values<D['methods'][M]['out']>;
};

/** Read one property. */
export const getProperty = async (
  remote: Remote,
  path: string,
  definition: InterfaceDefinition,
  property: string,
  options?: CallOptions,
): Promise<Value> => {
  const [variant] = await callMethod(remote, path, PROPERTIES, 'Get', [definition.name, property], options);
  return variant.value;
};

/** Set a property whose type is `s`. */
export const setProperty = async (
  remote: Remote,
  path: string,
  definition: InterfaceDefinition,
  property: string,
  value: string,
  options?: CallOptions,
): Promise<void> => {
  const body = [definition.name, property, { signature: 's', value }] as const;
  await callMethod(remote, path, PROPERTIES, 'Set', body, options);
};

/** The properties of an interface by name. One that is missing, or has another type than expected, is `undefined`. */
export type PropertyReader = (property: string) => Value | undefined;

/** Read properties of an interface out of a dictionary of them. */
export const readFrom =
  (all: ReadonlyMap<string, Variant>, { properties }: InterfaceDefinition): PropertyReader =>
  (property) => {
    const variant = all.get(property);
    return variant?.signature === properties[property]?.type ? variant?.value : undefined;
  };

/** Read all properties of an interface in one call. */
export const getAllProperties = async (
  remote: Remote,
  path: string,
  definition: InterfaceDefinition,
  options?: CallOptions,
): Promise<PropertyReader> => {
  const [all] = await callMethod(remote, path, PROPERTIES, 'GetAll', [definition.name], options);
  return readFrom(all, definition);
};
