import { InitctlError } from './errors.js';
import type { OptionKey, OptionValues } from './option.js';

/**
 * The number that an option was set to.
 * @throws InitctlError `illegal-number`
 */
export const numberOption = (options: OptionValues, key: OptionKey, pattern: RegExp): number | undefined => {
  const value = options.get(key);
  if (value === undefined) return undefined;
  if (!pattern.test(value)) throw new InitctlError('illegal-number', { option: `--${key}`, value });
  return Number(value);
};

/** Up to nine digits. */
export const WHOLE = /^\d{1,9}$/;
/** The same with a fraction. */
export const DECIMAL = /^\d{1,9}(?:\.\d{1,6})?$/;
