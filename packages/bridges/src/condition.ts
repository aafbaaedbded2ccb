/** One operand of a condition that names a bridge's event. */
export interface SoughtEvent {
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
  event: string,
): readonly SoughtEvent[] => {
  const found: { args: readonly string[]; partners: Set<number> }[] = [];
  const stack: (readonly number[])[] = [];
  for (const [name, ...args] of condition ?? []) {
    if (name === '/AND' || name === '/OR') {
      const right = stack.pop() ?? [];
      const left = stack.pop() ?? [];
      if (name === '/AND') joinAll(found, left, right);
      stack.push([...left, ...right]);
    } else if (name === event) stack.push([found.push({ args, partners: new Set() }) - 1]);
    else stack.push([]);
  }
  return found.map(({ args, partners }) => ({ args, partners: [...partners].sort((a, b) => a - b) }));
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
