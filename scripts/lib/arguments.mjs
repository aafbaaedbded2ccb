import { existsSync } from 'node:fs';

/** Say how a script is used, and exit with 2. */
const usage = (text) => {
  console.error(`usage: ${text}`);
  process.exit(2);
};

/** The one argument of a script: a path that exists. */
export const pathArgument = (use) => {
  const [path, ...rest] = process.argv.slice(2);
  if (path === undefined || path.startsWith('-') || rest.length > 0) usage(use);
  if (!existsSync(path)) {
    console.error(`${path}: there is no such file or directory`);
    process.exit(2);
  }
  return path;
};

/** A package of this repository, built. */
export const loadPackage = async (name) => {
  try {
    return await import(name);
  } catch (error) {
    console.error(`${name} can't be loaded; is it built? Run: npm run build (${error.message.split('\n')[0]})`);
    process.exit(2);
  }
};
