import type { NativeWatch } from './native.js';

/** A datagram of sd_notify(3). */
export interface NativeDatagram {
  readonly bytes: number;
  /** It was longer than the buffer. */
  readonly truncated: boolean;
  /** By the kernel's word; 0 where our namespace has no number for the sender. */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly fds: readonly number[];
}

/** The addon's ways to keep an eye on processes. A number below zero is a negative errno. */
export interface NativeTracking {
  pidfdOpen(pid: number): number;
  pidfdStatus(fd: number): number;
  pidfdSignal(fd: number, signal: number): number;
  pidfdSetOpen(): number;
  pidfdSetAdd(set: number, fd: number): number;
  pidfdSetAwaitReaped(set: number, fd: number): number;
  pidfdSetTake(set: number): number[] | number;

  ptraceSeize(pid: number): number;
  ptraceContinue(tid: number, signal: number): number;
  ptraceListen(tid: number, zero: 0): number;
  ptraceInterrupt(tid: number, zero: 0): number;
  ptraceDetach(tid: number, signal: number): number;
  ptraceMessage(tid: number): number;
  ptraceAwaitStop(tid: number): number;

  connectorOpen(callback: (errno: number) => void): NativeWatch | number;
  connectorFollow(connector: NativeWatch, pid: number): number;
  connectorForget(connector: NativeWatch, pid: number): number;
  connectorTake(connector: NativeWatch): number[];
  connectorOverrun(connector: NativeWatch): boolean;

  notifyReceive(fd: number, buffer: Uint8Array): NativeDatagram | number;
  pipeOpen(): { readonly reading: number; readonly writing: number } | number;
}
