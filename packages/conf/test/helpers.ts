import type { Diagnostic } from '../src/diagnostic.js';
import { defineJob, type JobConf } from '../src/job-conf.js';
import type { CheckedJob } from '../src/known-events.js';
import { type ParseOptions, parseConf } from '../src/parse.js';

/** The settings of a text that must have no error. */
export const confOf = (text: string, options: ParseOptions = {}): JobConf => {
  const { conf, diagnostics } = parseConf(text, options);
  if (!conf) throw new Error(`unexpected errors: ${JSON.stringify(diagnostics)}`);
  return conf;
};

export const errorsOf = (text: string, options: ParseOptions = {}): readonly Diagnostic[] =>
  parseConf(text, options).diagnostics.filter(({ severity }) => severity === 'error');

/** Every error of a text as `LINE:COLUMN: MESSAGE`. */
export const placesOf = (text: string, options: ParseOptions = {}): readonly string[] =>
  errorsOf(text, options).map(({ line, column, message }) => `${line}:${column}: ${message}`);

/** The command of the main process. */
export const mainOf = (text: string): string | undefined => confOf(text).processes?.main?.command;

/** Texts of job files by the name of their job. */
export type Texts = Readonly<Record<string, string>>;

export const jobsOf = (texts: Texts): readonly CheckedJob[] =>
  Object.entries(texts).map(([name, text]) => ({ name, definition: defineJob(confOf(`${text}\n`)) }));
