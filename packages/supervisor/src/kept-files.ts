import { fstatSync } from 'node:fs';
import { displayName, type InstanceRef, SYSTEM } from '@maverick/engine';
import { closeFd, duplicate, type NotifyMessage } from '@maverick/spawner';

/** More than any program has sockets that it listens to. */
const MOST_OF_INSTANCE = 4_096;
/** Of all together: what is left of the descriptors that a process may have is for the supervisor's own work. */
const MOST = 16_384;

/** What a program calls its descriptor that gives it no name. @see sd_pid_notify_with_fds(3) */
const USUAL_NAME = 'stored';

/** A descriptor that is kept for the next main process of an instance. */
export interface KeptFile {
  readonly name: string;
  readonly fd: number;
}

/** As it goes on in the next supervisor of this process. */
export interface HandedFile extends KeptFile {
  readonly instance: InstanceRef;
}

const isSameFile = (a: number, b: number): boolean => {
  const [one, other] = [fstatSync(a), fstatSync(b)];
  return one.ino === other.ino && one.dev === other.dev;
};

/**
 * What main processes give into keeping (`FDSTORE=1`), and the next main process of the same instance finds: after a respawn
 * or a restart. It is closed when the instance is gone. Jobs of other sessions than the system's can't have anything kept: the
 * descriptors of a process that serves all are few.
 * @see sd_pid_notify_with_fds(3)
 */
export class KeptFiles {
  readonly #warn: (message: string) => void;
  readonly #files = new Map<string, { readonly instance: InstanceRef; readonly kept: KeptFile[] }>();
  #count = 0;

  constructor(warn: (message: string) => void, handed: readonly HandedFile[] = []) {
    this.#warn = warn;
    for (const { instance, name, fd } of handed) this.#add(instance, { name, fd });
  }

  /** Do what a main process asks for. */
  take(
    instance: InstanceRef,
    { fdStore, fdName = USUAL_NAME }: Pick<NotifyMessage, 'fdStore' | 'fdName'>,
    fds: readonly number[],
  ): void {
    if (fdStore) for (const fd of fds) this.#keep(instance, fdName, fd);
    else this.#close(instance, ({ name }) => name === fdName);
  }

  of(instance: InstanceRef): readonly KeptFile[] {
    return this.#files.get(displayName(instance))?.kept ?? [];
  }

  /** The instance is gone. */
  release(instance: InstanceRef): void {
    this.#close(instance, () => true);
  }

  /** Everything, for the next supervisor of this process, which is the only one that closes it. */
  handOver(): HandedFile[] {
    const all = [...this.#files.values()].flatMap(({ instance, kept }) => kept.map((file) => ({ ...file, instance })));
    this.#files.clear();
    return all;
  }

  close(): void {
    for (const { instance } of [...this.#files.values()]) this.release(instance);
  }

  #keep(instance: InstanceRef, name: string, fd: number): void {
    const before = this.of(instance);
    if (before.some((file) => file.name === name && isSameFile(file.fd, fd))) return;
    if (instance.session !== SYSTEM || before.length >= MOST_OF_INSTANCE || this.#count >= MOST) {
      this.#warn(`${displayName(instance)}: a descriptor is not kept: ${name}`);
      return;
    }
    this.#add(instance, { name, fd: duplicate(fd) });
  }

  #add(instance: InstanceRef, file: KeptFile): void {
    const key = displayName(instance);
    const entry = this.#files.get(key);
    if (entry === undefined) this.#files.set(key, { instance, kept: [file] });
    else entry.kept.push(file);
    this.#count += 1;
  }

  #close(instance: InstanceRef, isMeant: (file: KeptFile) => boolean): void {
    const key = displayName(instance);
    const kept = this.of(instance);
    const left = kept.filter((file) => !isMeant(file));
    if (left.length === 0) this.#files.delete(key);
    else this.#files.set(key, { instance, kept: left });
    for (const file of kept.filter(isMeant)) closeFd(file.fd);
    this.#count -= kept.length - left.length;
  }
}
