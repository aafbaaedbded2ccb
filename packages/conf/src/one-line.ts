/** What is no text, and would end the line or tell the terminal something. @see ECMA-48, "C0 set", "C1 set" */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

const CONTROL_NAMES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

const spelledOut = (control: string): string =>
  CONTROL_NAMES.get(control) ?? `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`;

/**
 * A text on one line, its control characters spelt as in C: names of instances and events and values of variables are of whoever
 * calls, who is not to write lines of ours, or to a terminal.
 */
export const oneLine = (text: string): string => text.replaceAll(CONTROLS, spelledOut);
