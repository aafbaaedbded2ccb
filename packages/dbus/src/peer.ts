import { type ProcessPin, rootDirectoryOf } from '@maverick/spawner';
import type { PeerCredentials } from './model.js';

/**
 * Credentials with the root directory, which is looked at whenever it is asked for: a process may change it between two calls.
 * @param pin holds the process
 */
export const peerOf = ({ pid, uid, gid }: Omit<PeerCredentials, 'root'>, pin: ProcessPin): PeerCredentials => ({
  pid,
  uid,
  gid,
  get root() {
    return rootDirectoryOf(pid, pin);
  },
});
