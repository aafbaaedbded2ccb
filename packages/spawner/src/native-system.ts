/** The addon's small system calls. A number below zero is a negative errno. */
export interface NativeSystem {
  inotifyOpen(): number;
  inotifyAdd(fd: number, path: string | Uint8Array, mask: number): number;
  inotifyRemove(fd: number, watch: number): number;
  readFd(fd: number, buffer: Uint8Array): number;
}
