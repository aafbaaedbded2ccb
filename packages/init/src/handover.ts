import { closeSync, fstatSync, readSync } from 'node:fs';
import { type KeptMember, type KeptServer, keptDescriptors } from '@maverick/dbus';
import type { LogPriority } from '@maverick/engine';
import { closeOnExec } from '@maverick/spawner';
import { descriptorsOf, type HandedOver, type SupervisorOptions } from '@maverick/supervisor';
import { messageOf } from './attempt.js';
import type { KeptDeclaration } from './declared-sessions.js';
import type { BridgeDescriptor } from './inner-bridges.js';

/** What the daemon is on D-Bus, as it goes on. */
export interface KeptSurface {
  readonly servers: readonly KeptServer[];
  /** Absent: no bus has been looked for. */
  readonly member?: KeptMember;
}

/**
 * What a daemon leaves to the one that it becomes. JSON, in a file in memory whose descriptor goes over the `exec`. A later
 * version reads what an earlier one has written; what an earlier one can't know of is optional.
 */
export interface Handover {
  readonly version: 1;
  /** The program that wrote it, for people. */
  readonly writer: string;
  /** Everything that was kept open: who can't read the rest closes it. In every version. */
  readonly descriptors: readonly number[];
  readonly supervisor: HandedOver;
  readonly surface: KeptSurface;
  readonly priority: LogPriority;
  /** Children that were there before the daemon was: they are not its own to end. */
  readonly inherited: readonly number[];
  /** What bridges inside had open. Absent: an earlier version kept nothing. */
  readonly bridges?: readonly BridgeDescriptor[];
  /** Which sessions were declared, and by what. Absent: an earlier version kept nothing. */
  readonly declared?: readonly KeptDeclaration[];
  readonly stateDir?: string;
  readonly consoleIs?: NonNullable<SupervisorOptions['consoleIs']>;
  /** How the program has ended that the daemon runs for, as far as it has. */
  readonly programStatus?: number;
}

/** The state of the daemon before can't be gone on with. */
export class HandoverError extends Error {
  static {
    Object.defineProperty(HandoverError.prototype, 'name', { value: 'HandoverError' });
  }
  readonly code = 'unreadable';
  /** What had been kept open, and is closed now. Undefined: not even that is known. */
  readonly kept: readonly number[] | undefined;

  constructor(message: string, kept: readonly number[] | undefined) {
    super(message);
    this.kept = kept;
  }
}

/** @param parts everything but what is the same for all */
export const makeHandover = (parts: Omit<Handover, 'version' | 'descriptors'>): Handover => ({
  version: 1,
  descriptors: [
    ...descriptorsOf(parts.supervisor),
    ...keptDescriptors(parts.surface.servers, parts.surface.member),
    ...(parts.bridges ?? []).map(({ fd }) => fd),
  ],
  ...parts,
});

const readAll = (fd: number): string => {
  const buffer = Buffer.alloc(fstatSync(fd).size);
  let length = 0;
  for (let count = 1; count > 0 && length < buffer.length; length += count) {
    count = readSync(fd, buffer, length, buffer.length - length, length);
  }
  return buffer.toString('utf8', 0, length);
};

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isInteger(item) && item > 2);

export const closeQuietly = (fd: number): void => {
  try {
    closeSync(fd);
  } catch {
    // Not open: then it holds nothing.
  }
};

/** What came open over an `exec` is for us alone; one that did not come is missed by who uses it. */
export const keepToOurselves = (fd: number): void => {
  try {
    closeOnExec(fd);
  } catch {
    // Not open: then nobody inherits it.
  }
};

/** Of a text that is cut off or damaged: the descriptors stand at its beginning. */
const descriptorsIn = (text: string): number[] | undefined => {
  const [, list] = /^\{"version":\d+,"descriptors":(\[[\d,]*\])/.exec(text) ?? [];
  return list === undefined ? undefined : JSON.parse(list).filter((fd: number) => fd > 2);
};

const parse = (text: string): Partial<Handover> | null => {
  try {
    return JSON.parse(text);
  } catch (error) {
    const kept = descriptorsIn(text);
    for (const fd of kept ?? []) closeQuietly(fd);
    throw new HandoverError(messageOf(error), kept);
  }
};

const readAndClose = (fd: number): string => {
  try {
    return readAll(fd);
  } catch (error) {
    throw new HandoverError(`descriptor ${fd}: ${messageOf(error)}`, undefined);
  } finally {
    closeQuietly(fd);
  }
};

/**
 * Read what the daemon before this one in the same process has left, and close its file. What it had kept open is
 * close-on-exec again, and is closed where this fails.
 * @throws HandoverError that says why
 */
export const readHandover = (fd: number): Handover => {
  const handover = parse(readAndClose(fd));
  const { version, writer, descriptors } = handover ?? {};
  const kept = isNumbers(descriptors) ? descriptors : undefined;
  if (version === 1 && kept !== undefined) {
    for (const each of kept) keepToOurselves(each);
    return handover as Handover;
  }
  for (const each of kept ?? []) closeQuietly(each);
  const what = version === 1 ? 'does not say what it has kept open' : `has written version ${version}, expected 1`;
  throw new HandoverError(`${writer ?? 'an unknown program'} ${what}`, kept);
};

/** Nobody can go on with it: let go of what was kept open. */
export const discardHandover = ({ descriptors }: Handover): void => {
  for (const fd of descriptors) closeQuietly(fd);
};
