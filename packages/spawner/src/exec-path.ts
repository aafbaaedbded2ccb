/** What execvp(3) searches when the environment has no PATH. */
const DEFAULT_PATH = '/bin:/usr/bin';

const PREFIX = 'PATH=';

/**
 * The files to be tried for a program, one after the other: itself if its name has a `/`, else the name in each
 * directory of the PATH in `env`; an empty directory is the current one.
 * @see execvp(3)
 */
export const execCandidates = (program: string, env: readonly string[]): readonly string[] => {
  if (program === '' || program.includes('/')) return [program];
  const path = env.find((entry) => entry.startsWith(PREFIX))?.slice(PREFIX.length) ?? DEFAULT_PATH;
  return path.split(':').map((directory) => (directory === '' ? program : `${directory}/${program}`));
};
