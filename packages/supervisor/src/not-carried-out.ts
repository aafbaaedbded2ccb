import type { JobDefinition } from '@maverick/conf';

type Said = (definition: JobDefinition) => string | undefined;

/**
 * Stanzas that are understood but not carried out yet, by setting: what the job file says, if it says so. A job that uses one
 * runs all the same, and the log names it, so that nobody takes a word for a deed.
 */
const NOT_CARRIED_OUT = {
  expect: ({ expect }) => (expect === 'none' || expect === 'stop' ? undefined : `expect ${expect}`),
  watchdogSeconds: ({ watchdogSeconds }) => (watchdogSeconds === undefined ? undefined : 'watchdog'),
} as const satisfies { readonly [setting in keyof JobDefinition]?: Said };

/** The stanzas of a definition that are not carried out yet, as the file writes them. */
export const notCarriedOut = (definition: JobDefinition): string[] =>
  Object.values(NOT_CARRIED_OUT).flatMap((said: Said) => said(definition) ?? []);
