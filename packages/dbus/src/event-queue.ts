/** What has come and was not read yet, as an iteration that waits. `onReturn` hears when the reader leaves. */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  private readonly unread: T[] = [];
  private readonly waiting: {
    resolve(result: IteratorResult<T>): void;
    reject(error: unknown): void;
  }[] = [];
  private readonly onReturn: () => void;
  private failure: { readonly error: unknown } | undefined;
  private over = false;

  constructor(onReturn: () => void) {
    this.onReturn = onReturn;
  }

  push(event: T): void {
    if (this.over) return;
    const next = this.waiting.shift();
    if (next) next.resolve({ value: event, done: false });
    else this.unread.push(event);
  }

  /** No more will come; what is unread can still be read. */
  end(): void {
    this.over = true;
    for (const next of this.waiting.splice(0)) next.resolve({ value: undefined, done: true });
  }

  /** As {@link end}, and the reader is told why, once, after what is unread. */
  fail(error: unknown): void {
    const next = this.waiting.shift();
    if (next) next.reject(error);
    else this.failure = { error };
    this.end();
  }

  next(): Promise<IteratorResult<T>> {
    const [event] = this.unread;
    if (this.unread.length > 0) {
      this.unread.shift();
      return Promise.resolve({ value: event as T, done: false });
    }
    if (this.failure) {
      const { error } = this.failure;
      this.failure = undefined;
      return Promise.reject(error);
    }
    if (this.over) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T>> {
    this.unread.length = 0;
    this.failure = undefined;
    if (!this.over) {
      this.end();
      this.onReturn();
    }
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
