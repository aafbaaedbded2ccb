import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a daemon leaves for the next one to tidy up, beside its jobs. */
export interface Predecessor {
  /** Where clients find it: the last one its own, those before it of daemons that it has taken over. */
  readonly addresses: readonly string[];
  readonly sessionFile?: string;
}

const FILE = 'daemon.json';

/** A chain of crashes is short, or something else is wrong. */
const MOST_ADDRESSES = 8;

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** What the daemon before this one left in its state directory; undefined where there was none, or it can't be read. */
export const readPredecessor = (stateDir: string): Predecessor | undefined => {
  try {
    const { addresses, sessionFile } = JSON.parse(readFileSync(join(stateDir, FILE), 'utf8'));
    if (!isTexts(addresses)) return undefined;
    return { addresses, ...(typeof sessionFile === 'string' ? { sessionFile } : {}) };
  } catch {
    return undefined;
  }
};

/** @throws the system's error */
export const writePredecessor = (stateDir: string, { addresses, sessionFile }: Predecessor): void => {
  const text = JSON.stringify({ addresses: addresses.slice(-MOST_ADDRESSES), sessionFile });
  const path = join(stateDir, FILE);
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};

/** A clean end leaves nothing to tidy up. */
export const removePredecessor = (stateDir: string): void => rmSync(join(stateDir, FILE), { force: true });
