import type { DBusError } from './dbus-error.js';
import type { InterfaceDefinition, Values, WireTypes } from './interfaces.js';
import type { Value } from './value.js';

/** How a method answers: once, now or later. */
export interface Answer<Out extends readonly unknown[] = readonly Value[]> {
  (...values: Out): void;
  fail(error: DBusError): void;
}

/** One method each. A handler answers through `answer`, or throws a DBusError before it has. */
export type MethodTable<D extends InterfaceDefinition, Target> = {
  readonly [M in keyof D['methods']]: (
    target: Target,
    args: Values<D['methods'][M]['in']>,
    answer: Answer<Values<D['methods'][M]['out']>>,
  ) => void;
};

type PropertyValue<
  D extends InterfaceDefinition,
  P extends keyof D['properties'],
> = WireTypes[D['properties'][P]['type']];

/** One reader each, and a writer for what can be written. */
export type PropertyTable<D extends InterfaceDefinition, Target> = {
  readonly [P in keyof D['properties']]: D['properties'][P]['access'] extends 'readwrite'
    ? {
        get(target: Target): PropertyValue<D, P>;
        set(target: Target, value: PropertyValue<D, P>): void;
      }
    : { get(target: Target): PropertyValue<D, P> };
};

interface ErasedProperty<Target> {
  get(target: Target): Value;
  set?(target: Target, value: Value): void;
}

/** An interface with what answers for it, for all objects of one kind. The router has checked the types of what it passes. */
export interface Implementation<Target> {
  readonly definition: InterfaceDefinition;
  readonly methods: Readonly<Record<string, (target: Target, args: readonly Value[], answer: Answer) => void>>;
  readonly properties: Readonly<Record<string, ErasedProperty<Target>>>;
}

/** Tie handlers to the definition of their interface: a member without a handler does not compile. */
export const implement = <D extends InterfaceDefinition, Target>(
  definition: D,
  methods: MethodTable<D, Target>,
  properties: PropertyTable<D, Target>,
): Implementation<Target> => ({
  definition,
  // Handlers are typed by the definition, the router only knows signatures: it compares them before it calls.
  methods: methods as unknown as Implementation<Target>['methods'],
  properties: properties as unknown as Implementation<Target>['properties'],
});
