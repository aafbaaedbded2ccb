import type { SocketAddress } from './socket-address.js';

interface NativeSocket {
  readonly address: SocketAddress;
  readonly type: number;
  readonly protocol: number;
}

/** The addon's small system calls. A number below zero is a negative errno. */
export interface NativeSystem {
  inotifyOpen(): number;
  inotifyAdd(fd: number, path: string | Uint8Array, mask: number): number;
  inotifyRemove(fd: number, watch: number): number;
  socketBind(
    wish: NativeSocket & {
      readonly backlog: number;
      readonly options: number;
      readonly mode?: number;
      readonly uid?: number;
      readonly gid?: number;
    },
  ): number;
  socketOpen(wish: NativeSocket): number;
  socketAcceptFrom(fd: number): { readonly fd: number; readonly peer: SocketAddress } | number;
  socketAddress(fd: number, ofPeer: boolean): SocketAddress | number;

  readFd(fd: number, buffer: Uint8Array): number;
}
