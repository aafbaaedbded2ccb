import type { Option } from './option.js';

/** Of every command that prints. */
export const JSON_OPTION: Option = { key: 'json', long: 'json', help: 'print the answer as JSON' };
