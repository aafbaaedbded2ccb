import type { Reply, RequestId } from '@maverick/engine';

/** The answer to a request: the engine's, or `Closed` from a supervisor that ended before there was one. */
export type Answer = Reply | { readonly ok: false; readonly code: 'Closed'; readonly message: string };
/** Called once. */
export type AnswerCallback = (answer: Answer) => void;

const CLOSED: Answer = { ok: false, code: 'Closed', message: 'The supervisor was closed before the answer was known' };

/** Who waits for which answer of the engine. */
export class Requests {
  readonly #waiting = new Map<RequestId, AnswerCallback>();
  #last: RequestId;

  /** @param last the highest number that is taken: an earlier supervisor's */
  constructor(last: RequestId = 0) {
    this.#last = last;
  }

  get last(): RequestId {
    return this.#last;
  }

  open(callback: AnswerCallback): RequestId {
    this.#last += 1;
    this.#waiting.set(this.#last, callback);
    return this.#last;
  }

  /** Wait for the answer to a request that an earlier supervisor has taken. */
  await(request: RequestId, callback: AnswerCallback): void {
    this.#waiting.set(request, callback);
  }

  /** Nobody is told anything any more: who comes next answers. */
  forget(): void {
    this.#waiting.clear();
  }

  answer(request: RequestId, answer: Answer): void {
    const callback = this.#waiting.get(request);
    this.#waiting.delete(request);
    callback?.(answer);
  }

  /** Nobody is left waiting for an answer that cannot come. */
  close(): void {
    for (const request of [...this.#waiting.keys()]) this.answer(request, CLOSED);
  }
}
