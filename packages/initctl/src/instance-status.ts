import type { InstanceStatus, RemoteInstance } from '@maverick/dbus/client';
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

/** The status line of an instance as it is now; one that has gone meanwhile is at rest. */
export const describeInstance = async (job: string, instance: RemoteInstance | undefined): Promise<string> => {
  const status: InstanceStatus | undefined = instance && (await unless(isGone, instance.status()));
  return statusLine(job, status);
};
