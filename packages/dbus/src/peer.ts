import { readlinkSync } from 'node:fs';
import type { PeerCredentials } from './model.js';

/** The root directory of a process, or undefined where it has ended or we may not look. */
const rootOf = (pid: number): string | undefined => {
  try {
    return pid > 0 ? readlinkSync(`/proc/${pid}/root`) : undefined;
  } catch {
    return undefined;
  }
};

/** Credentials with the root directory, which is looked at only when it is asked for. */
export const peerOf = ({ pid, uid, gid }: Omit<PeerCredentials, 'root'>): PeerCredentials => ({
  pid,
  uid,
  gid,
  get root() {
    return rootOf(pid);
  },
});
