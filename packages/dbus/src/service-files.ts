import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isWellKnownName } from './names.js';

/** The value of a key in the only section of a D-Bus service file. */
const keyIn = (text: string, key: string): string | undefined =>
  new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*(.*?)[ \\t]*$`, 'm').exec(text)?.[1];

const filesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory).filter((file) => file.endsWith('.service'));
  } catch {
    return [];
  }
};

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/**
 * The bus names that a unit stands for: those whose service files name it as their `SystemdService`, else itself where it
 * is one. The bus tells the unit only.
 * @param directories where the bus looks for service files, the first first
 */
export const namesOfUnit = (unit: string, directories: readonly string[]): readonly string[] => {
  const seen = new Set<string>();
  const names = new Set<string>();
  for (const directory of directories) {
    for (const file of filesIn(directory)) {
      if (seen.has(file)) continue;
      seen.add(file);
      const text = read(join(directory, file));
      const name = keyIn(text, 'Name');
      if (keyIn(text, 'SystemdService') === unit && name !== undefined && isWellKnownName(name)) names.add(name);
    }
  }
  // `some.service` is as good a name as `com.example.Server`: files that tell more come first.
  if (names.size === 0 && isWellKnownName(unit)) names.add(unit);
  return [...names];
};
