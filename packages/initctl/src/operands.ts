import { InitctlError } from './errors.js';

/**
 * Refuse words that a command would have to pass over: who writes one means something by it.
 * @param most how many operands it takes. Default: as many as there are
 * @throws InitctlError `unexpected-argument`
 */
export const refuseMore = (operands: readonly string[], most = Number.POSITIVE_INFINITY): void => {
  const extra = operands[most];
  if (extra !== undefined) throw new InitctlError('unexpected-argument', { option: extra });
};
