import type { CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';

/** `release-files [DIR]`: prints nothing, unless something still hinders. */
export const releaseFiles: CommandHandler = async ({ operands: [journalDir], connect }) => {
  const upstart = await connect();
  const hindrances = await upstart.init1.releaseFiles(journalDir);
  if (hindrances.length > 0) throw new InitctlError('files-held', { hindrances });
};

/** `resume-files`: prints nothing. */
export const resumeFiles: CommandHandler = async ({ connect }) => {
  const upstart = await connect();
  await upstart.init1.resumeFiles();
};
