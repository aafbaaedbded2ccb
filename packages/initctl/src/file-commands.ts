import type { Command } from './command.js';

/** The rows of the commands on the files that the daemon holds open: the original has none. */
export const FILE_COMMANDS = {
  'release-files': {
    group: 'File',
    usage: '[DIR]',
    mostOperands: 1,
    summary: 'Have the init daemon let go of its files.',
    details:
      'So that file systems can be unmounted or mounted read-only while jobs run. The journal goes on in DIR, an absolute path, or stops. Job files are not watched, and what jobs write to their logs waits. Whatever still hinders is output, and the exit status is 1 then.',
    options: [],
    load: async () => (await import('./commands/files.js')).releaseFiles,
  },
  'resume-files': {
    group: 'File',
    mostOperands: 0,
    summary: 'Have the init daemon go on with its files.',
    details: 'After release-files: logs and the journal are written, job files are read and watched again.',
    options: [],
    load: async () => (await import('./commands/files.js')).resumeFiles,
  },
} as const satisfies Record<string, Command>;
