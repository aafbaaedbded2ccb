import type { SocketAddress } from './socket-address.js';

/** Where a libc has what in a record of utmp: offsets in bytes. */
export type UtmpLayout = Readonly<
  Record<
    | 'size'
    | 'type'
    | 'pid'
    | 'line'
    | 'id'
    | 'user'
    | 'host'
    | 'exit'
    | 'session'
    | 'seconds'
    | 'microseconds'
    | 'secondsSize'
    | 'address',
    number
  >
>;

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

  netlinkReceive(fd: number, buffer: Uint8Array): { readonly bytes: number; port: number; uid: number } | number;
  setReceiveBuffer(fd: number, bytes: number): number;

  clockNow(clock: number): number;
  timerOpen(clock: number): number;
  timerSet(fd: number, atMs: number, tellsOfChanges: boolean): number;
  timerStop(fd: number): number;

  terminalOpen(path: string): number;
  terminalReset(fd: number): number;
  terminalTake(fd: number, force: boolean): number;
  terminalLeave(fd: number): number;
  redirectFd(fd: number, target: number): number;
  keyboardRequests(fd: number, signal: number): number;
  newSession(): number;

  mountAt(mount: { source: string; target: string; type: string; flags: number; data: string }): number;
  unmountAt(target: string, flags: number): number;
  makeNode(path: string, mode: number, major: number, minor: number): number;
  syncAll(): void;
  lockFile(fd: number, operation: number): number;
  lockRecords(fd: number): number;
  reboot(command: string, argument: string): number;
  utmpLayout(): UtmpLayout;

  readFd(fd: number, buffer: Uint8Array): number;
}
