import type { Implementation } from './implementation.js';
import type { Variant } from './value.js';

/** One property as `Get` gives it. */
export const readOne = <Target>(
  { definition, properties }: Implementation<Target>,
  target: Target,
  name: string,
): Variant => ({
  signature: definition.properties[name]?.type ?? 's',
  value: properties[name]?.get(target) ?? '',
});

/** All properties of an interface, as `GetAll` gives them. */
export const readAll = <Target>(implementation: Implementation<Target>, target: Target): Map<string, Variant> =>
  new Map(
    Object.keys(implementation.definition.properties).map((name) => [name, readOne(implementation, target, name)]),
  );
