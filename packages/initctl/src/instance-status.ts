import type { InstanceStatus, RemoteInstance } from '@maverick/dbus/client';
import { instanceAnswer } from './answers.js';
import { statusLine } from './status-line.js';

/** D-Bus error names that are answers rather than failures. */
const GONE = 'org.freedesktop.DBus.Error.UnknownMethod';
const UNKNOWN_INSTANCE = 'com.ubuntu.Upstart0_6.Error.UnknownInstance';

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

/** The object, or the method, does not exist (any more). */
export const isGone = (error: unknown): boolean => isNamed(error, GONE);

/** The job has no such instance. */
export const isUnknownInstance = (error: unknown): boolean => isNamed(error, UNKNOWN_INSTANCE);

/** What the call answers, or `undefined` if it fails in a way that is an answer, too. */
export const unless = async <T>(isAnswer: (error: unknown) => boolean, call: Promise<T>): Promise<T | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (isAnswer(error)) return undefined;
    throw error;
  }
};

/** An instance as it is now, as data and as its status line; one that has gone meanwhile is at rest. */
export const instanceNow = async (
  job: string,
  instance: RemoteInstance | undefined,
): Promise<[data: () => unknown, text: () => string]> => {
  const status: InstanceStatus | undefined = instance && (await unless(isGone, instance.status()));
  return [() => instanceAnswer(job, status), () => statusLine(job, status)];
};
