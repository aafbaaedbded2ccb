/** Why a bridge passes over a condition. */
export type ConditionFault =
  | 'no-variable-name'
  | 'unknown-variable'
  | 'repeated-variable'
  | 'not-plain'
  | 'bad-value'
  | 'missing-variable'
  | 'not-together';

/** A condition that a bridge can't act on. The message says what was expected. */
export class ConditionError extends Error {
  readonly code: ConditionFault;

  constructor(code: ConditionFault, message: string) {
    super(message);
    this.name = 'ConditionError';
    this.code = code;
  }
}
