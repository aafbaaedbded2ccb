import { constants } from 'node:os';
import { type NativeFailure, type NativeMessage, native } from './native.js';
import { type Step, stepAt, stepIndex } from './steps.js';

/** What the helper says, in the order in which it does. */
export type HelperMessage =
  /** A PAM module has something to say. */
  | { readonly kind: 'words'; readonly text: string }
  /** The process is there, and takes its steps. */
  | { readonly kind: 'begun'; readonly pid: number }
  /** It is about to stop before its program, as it was asked to. */
  | { readonly kind: 'paused' }
  /** Nothing runs. `text` is PAM's, or the dynamic loader's. */
  | { readonly kind: 'failed'; readonly failure: NativeFailure; readonly text: string }
  /** The program runs, or the process has ended. */
  | { readonly kind: 'end' };

/** Steps that are not the process's own. */
const BEFORE: ReadonlySet<Step> = new Set(['helper', 'pam', 'fork']);

export const failureOf = (step: Step, errno: number): NativeFailure => ({ step: stepIndex(step), errno, argument: 0 });

/** What fails before the process has begun is the helper's failure, whichever step of its own it was. */
export const asHelperFailure = (failure: NativeFailure): NativeFailure =>
  BEFORE.has(stepAt(failure.step)) ? failure : failureOf('helper', failure.errno);

const messageOf = ({ failed, text, ...failure }: NativeMessage): HelperMessage => {
  if (failed) return { kind: 'failed', failure, text };
  switch (stepAt(failure.step)) {
    case 'helper':
      return { kind: 'begun', pid: failure.argument };
    case 'pam':
      return { kind: 'words', text };
    default:
      return { kind: 'paused' };
  }
};

/** The next message; undefined when there is none yet. A pipe that can't be read has no more to say. */
export const readMessage = (fd: number): HelperMessage | undefined => {
  const message = native.helperMessage(fd);
  if (typeof message === 'object') return messageOf(message);
  return message === -constants.errno.EAGAIN ? undefined : { kind: 'end' };
};
