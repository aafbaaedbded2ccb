import { rmSync } from 'node:fs';
import { attempt } from './attempt.js';
import type { Log } from './log.js';
import { type Predecessor, readPredecessor, writePredecessor } from './predecessor.js';

/** A daemon that keeps its state, as it begins. */
export interface Successor {
  readonly stateDir: string;
  /** It goes on with the jobs of a daemon that has crashed. */
  readonly isContinued: boolean;
  readonly address: string;
  readonly sessionFile: string | undefined;
  readonly listen: (address: string) => void;
  readonly log: Log;
}

/** Be found where the crashed daemon was, by its jobs, and tell where we are to be found. */
export const succeed = ({ stateDir, isContinued, address, sessionFile, listen, log }: Successor): void => {
  // Of the daemon that has crashed before this one, whose jobs these are.
  const before: Predecessor | undefined = isContinued ? readPredecessor(stateDir) : undefined;
  const { addresses = [], sessionFile: left } = before ?? {};
  const others = addresses.filter((other) => other !== address);
  if (left !== undefined && left !== sessionFile) {
    attempt(log, `${left}: Unable to remove the session file`, () => rmSync(left, { force: true }));
  }
  for (const other of others) {
    attempt(log, `Unable to listen for private connections at ${other}`, () => listen(other));
  }
  attempt(log, 'Unable to keep where clients find this daemon', () =>
    writePredecessor(stateDir, {
      addresses: [...others, address],
      ...(sessionFile === undefined ? {} : { sessionFile }),
    }),
  );
};
