import { readdirSync } from 'node:fs';

const FOLDER = new URL('../cases/', import.meta.url);

/** Every case of `bench/cases`: a module with `name`, `description` and `run(context)`. */
export const loadCases = async () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.mjs'));
  return Promise.all(files.toSorted().map((name) => import(new URL(name, FOLDER).href)));
};
