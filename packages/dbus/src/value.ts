/** A value that carries its own type, D-Bus type `v`. */
export interface Variant {
  /** Exactly one complete type, such as `s` or `a(si)`. */
  readonly signature: string;
  readonly value: Value;
}

/**
 * A value on the wire, by D-Bus type: `s` `o` `g` string · `y` `n` `q` `i` `u` `d` number · `x` `t` bigint (no digit is
 * lost) · `b` boolean · `h` the number of an open descriptor · `v` {@link Variant} · `ay` bytes · other arrays and
 * structs arrays · `a{…}` a Map, in the order of the wire.
 */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | Variant
  | readonly Value[]
  | ReadonlyMap<Value, Value>;
