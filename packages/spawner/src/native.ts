import { createRequire } from 'node:module';

/** A native handle; JavaScript can only hand it back. */
export interface NativeWatch {
  readonly __nativeWatch: unique symbol;
}

/** What the kernel says about the other end of a unix socket, as it was when the connection was made. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** The functions of `native/*.c`. A number below zero is a negative errno, wherever a number can come back. */
export interface Native {
  socketConnect(address: string): number;
  socketListen(address: string, backlog: number): number;
  socketAccept(fd: number): number;
  socketSend(fd: number, data: Uint8Array, offset: number, fds: readonly number[]): number;
  socketReceive(fd: number, buffer: Uint8Array, fds: number[]): number;
  peerCredentials(fd: number): PeerCredentials | number;
  closeFd(fd: number): number;

  pollStart(fd: number, events: number, callback: (eventsOrErrno: number) => void): NativeWatch | number;
  pollUpdate(watch: NativeWatch, events: number): number;
  watchClose(watch: NativeWatch): void;
  watchRef(watch: NativeWatch, keep: boolean): void;
}

const FILE = '../build/maverick.node';

const load = (): Native => {
  try {
    // The one boundary where the types are ours to promise: this interface is written by hand after native/*.c.
    return createRequire(import.meta.url)(FILE) as Native;
  } catch (cause) {
    throw new Error(`the native part of @maverick/spawner can't be loaded: build it with "npm run build:native"`, {
      cause,
    });
  }
};

export const native: Native = load();
