/**
 * The numbers of events that can make progress, in the order in which passes over the whole queue would meet them: a pass
 * goes from old to new, and what becomes ready behind it is met in the next one. It gives that order without walking over
 * events that wait.
 *
 * @see spec: engine.md 2.2
 */
export class ReadyQueue {
  /** Ahead of the pass, and behind it; each a binary heap, smallest first. */
  #ahead: number[] = [];
  #behind: number[] = [];
  #position = 0;

  push(event: number): void {
    siftUp(event > this.#position ? this.#ahead : this.#behind, event);
  }

  /** The next number of this pass, or the first of the next pass; `undefined` when nothing is ready. */
  pop(): number | undefined {
    if (this.#ahead.length === 0) [this.#ahead, this.#behind] = [this.#behind, this.#ahead];
    const event = siftDown(this.#ahead);
    this.#position = event ?? 0;
    return event;
  }

  /** What is ready, ahead first; for snapshots, which are taken between two passes. */
  toArray(): number[] {
    return [...this.#ahead, ...this.#behind];
  }
}

const siftUp = (heap: number[], value: number): void => {
  let at = heap.length;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] ?? value;
    if (above <= value) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = value;
};

const siftDown = (heap: number[]): number | undefined => {
  const first = heap[0];
  const value = heap.pop();
  if (value === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if ((heap[child + 1] ?? Number.POSITIVE_INFINITY) < (heap[child] ?? 0)) child += 1;
    const below = heap[child] ?? value;
    if (below >= value) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = value;
  return first;
};
