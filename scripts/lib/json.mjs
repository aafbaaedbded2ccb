import { readFileSync } from 'node:fs';

/** Read a JSON file, or say in one sentence why that fails, and exit with 2. */
export const readJson = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    console.error(`${path} can't be read as JSON: ${error.message}`);
    return process.exit(2);
  }
};

const ordered = (value) =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** JSON text that is equal for equal values, whatever the order of their members. */
export const canonical = (value) => JSON.stringify(value, (_key, member) => ordered(member));
