/** Which events count: one, or those that `wants` says. */
export interface WantedEvents {
  readonly event: string;
  readonly wants?: (event: string) => boolean;
}

/** One operand of a condition that names a bridge's event. */
export interface SoughtEvent {
  /** The event's name. */
  readonly name: string;
  /** As in the job: `KEY=VALUE`. */
  readonly args: readonly string[];
  /**
   * The other operands of this event that the condition joins to this one by `and`, by their position among those found: the job
   * starts with all of them only.
   */
  readonly partners: readonly number[];
}

/**
 * What a condition wants of an event. Operators and other events are passed over.
 * @param condition in reverse Polish order, as the property `start_on` has it; absent where the daemon has no such property
 */
export const soughtEvents = (
  condition: readonly (readonly string[])[] | undefined,
  { event, wants = (name) => name === event }: WantedEvents,
): readonly SoughtEvent[] => {
  const found: { name: string; args: readonly string[]; partners: Set<number> }[] = [];
  const stack: (readonly number[])[] = [];
  for (const [name = '', ...args] of condition ?? []) {
    if (name === '/AND' || name === '/OR') {
      const right = stack.pop() ?? [];
      const left = stack.pop() ?? [];
      if (name === '/AND') joinAll(found, left, right);
      stack.push([...left, ...right]);
    } else if (wants(name)) stack.push([found.push({ name, args, partners: new Set() }) - 1]);
    else stack.push([]);
  }
  return found.map(({ name, args, partners }) => ({ name, args, partners: [...partners].sort((a, b) => a - b) }));
};

const joinAll = (
  found: readonly { readonly partners: Set<number> }[],
  left: readonly number[],
  right: readonly number[],
): void => {
  for (const a of left) {
    for (const b of right) {
      found[a]?.partners.add(b);
      found[b]?.partners.add(a);
    }
  }
};
