import { readFileSync } from 'node:fs';
import { OPTIONS, type OptionRule } from './option-table.js';

/** What tools compare: the version whose behaviour and interfaces these are. */
export const UPSTART_VERSION = 'init (upstart 1.13.2)';

const usage = (rule: OptionRule): string => {
  const names = rule.short === undefined ? `    ${rule.long}` : `${rule.short}, ${rule.long}`;
  return rule.kind === 'valued' ? `${names}=${rule.argument}` : names;
};

const WIDTH = Math.max(...OPTIONS.map((rule) => usage(rule).length));

/** The text of `--help`. */
export const helpText = (): string =>
  [
    'Usage: upstart [OPTION]...',
    'Start and stop jobs because of events, and supervise their processes.',
    '',
    'Options:',
    ...OPTIONS.map((rule) => `  ${usage(rule).padEnd(WIDTH)}  ${rule.help}`),
    '',
    'Stop it with SIGTERM or Ctrl-C: every job is stopped first. SIGHUP reads the job files again.',
    '',
  ].join('\n');

const ownVersion = (): string => {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return manifest.version;
};

/** The text of `--version`: the first line is the original's, the second is our own. */
export const versionText = (): string => `${UPSTART_VERSION}\nMaverick ${ownVersion()}\n`;
