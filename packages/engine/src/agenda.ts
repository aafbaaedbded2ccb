/** What is to happen at which time; what is due at the same time happens in the order in which it was noted. */
export class Agenda<T> {
  /** The latest first, so that the next one is taken from the end. */
  readonly #entries: { readonly at: number; readonly what: T }[] = [];

  /** When the next is due. */
  get next(): number | undefined {
    return this.#entries.at(-1)?.at;
  }

  add(at: number, what: T): void {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.at ?? 0) <= at) high = middle;
      else low = middle + 1;
    }
    this.#entries.splice(low, 0, { at, what });
  }

  take(): { readonly at: number; readonly what: T } | undefined {
    return this.#entries.pop();
  }
}
