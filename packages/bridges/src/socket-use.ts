import type { SocketWish } from './socket-wish.js';

/** A condition of a job that a socket is for. */
export interface SocketUse {
  readonly job: string;
  readonly jobName: string;
  readonly condition: 'start' | 'stop';
  readonly wish: SocketWish;
  /** Keys of the sockets that the job wants together with this one, and what their events say. */
  readonly partners: readonly SocketWish[];
}
