import { existsSync } from 'node:fs';

const FOLDERS = (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/sbin');

/** Whether a program is installed. Where it is not, its tests say that they were skipped. */
export const hasProgram = (name: string): boolean => {
  const present = FOLDERS.some((folder) => existsSync(`${folder}/${name}`));
  if (!present) console.warn(`skipped: ${name} is not installed`);
  return present;
};
