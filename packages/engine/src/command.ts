import type { Environment } from './environment.js';
import type { Caller, RequestId } from './input.js';

/** A start, stop or restart whose job and instance have been found. */
export interface Command {
  readonly kind: 'start' | 'stop' | 'restart';
  readonly request: RequestId;
  readonly wait: boolean;
  /** Given environment; absent where an instance was named, which keeps the one that it has. */
  readonly env: Environment | undefined;
  readonly caller: Caller | undefined;
}
