import type { ReplyErrorCode } from '@maverick/engine';
import type { SessionErrorCode } from './session-plan.js';

/**
 * What a command on a supervisor failed with: the engine's answers, and `Closed` where none can come any more. `StateInUse`: its
 * state directory is another's, who lives; `JournalInUse`: somebody else writes the journal of the directory.
 */
export type SupervisorErrorCode = ReplyErrorCode | SessionErrorCode | 'Closed' | 'StateInUse' | 'JournalInUse';

/** A command failed. Branch on `code`: it is stable; the message is for people. */
export class SupervisorError extends Error {
  static {
    Object.defineProperty(SupervisorError.prototype, 'name', { value: 'SupervisorError' });
  }
  readonly code: SupervisorErrorCode;

  constructor(code: SupervisorErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
