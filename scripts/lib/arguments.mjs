import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Say what is wrong, and exit with 2. */
export const refuse = (text) => {
  console.error(text);
  process.exit(2);
};

/** A path as the user meant it: from where npm was called, which is not where npm runs a script. */
export const fromCaller = (path) => resolve(process.env.INIT_CWD ?? '.', path);

/** The one argument of a script: a path that exists. */
export const pathArgument = (use) => {
  const [path, ...rest] = process.argv.slice(2);
  if (path === undefined || path.startsWith('-') || rest.length > 0) refuse(`usage: ${use}`);
  const absolute = fromCaller(path);
  if (!existsSync(absolute)) refuse(`${path}: there is no such file or directory`);
  return absolute;
};

/** A package of this repository, built. */
export const loadPackage = async (name) => {
  try {
    return await import(name);
  } catch (error) {
    return refuse(`${name} can't be loaded; is it built? Run: npm run build (${error.message.split('\n')[0]})`);
  }
};
