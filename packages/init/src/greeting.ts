import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ConfLocation } from '@maverick/conf';

/** What to type for `initctl`: its full path where it lies beside this package, else what an installation has in PATH. */
const findInitctl = (start: string): string => {
  for (let dir = start; ; dir = dirname(dir)) {
    const candidate = join(dir, 'node_modules', '.bin', 'initctl');
    if (existsSync(candidate)) return candidate;
    if (dirname(dir) === dir) return 'initctl';
  }
};

/** A word as a shell takes it. */
const word = (text: string): string => (/[^\w@%+=:,./-]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : text);

/** What a person at a terminal is told at the start. */
export const greeting = (
  pid: number,
  confDirs: readonly ConfLocation[],
  address: string,
  initctl = findInitctl(import.meta.dirname),
): string =>
  [
    `upstart: process ${pid}, jobs from ${confDirs.map(({ path }) => path).join(', ')}. Ctrl-C stops every job and ends it.`,
    'To talk to it, paste this in another terminal:',
    `  UPSTART_SESSION=${word(address)} ${word(initctl)} list`,
    '',
    '',
  ].join('\n');
