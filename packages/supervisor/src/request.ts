import type { Caller, RequestId, SessionId } from '@maverick/engine';
import type { UnstampedInput } from './engine-loop.js';
import { unreachable } from './unreachable.js';

/** Which instance a command is for, and with what environment. */
export interface JobCommandOptions {
  /** By name. Absent: the `instance` stanza expanded with `env` names it. */
  readonly instance?: string;
  /** `KEY=VALUE` entries; ignored where `instance` is given. */
  readonly env?: readonly string[];
  /** True (the default of the promises): the answer is the outcome. False: it comes as soon as the goal is set. */
  readonly wait?: boolean;
  /** The job process that asks, if it is one. */
  readonly caller?: Caller;
}

/** How an event is emitted. */
export interface EmitOptions {
  /** `KEY=VALUE` entries, in order. */
  readonly env?: readonly string[];
  /** True (the default of the promises): the answer comes when everything that the event caused is done. */
  readonly wait?: boolean;
  /** Descriptors that travel with the event; the supervisor closes them. */
  readonly fds?: readonly number[];
  readonly caller?: Caller;
}

/** A change of the job environment table, or (with `target`) of what one instance's later processes get. */
export type EnvironmentRequest = { readonly target?: { readonly job: string; readonly instance: string } } & (
  | {
      readonly kind: 'set-env';
      /** `KEY=VALUE`; a bare `KEY` means `KEY=`. */
      readonly variables: readonly string[];
      /** Keep what is already set. */
      readonly retain: boolean;
    }
  | { readonly kind: 'unset-env'; readonly names: readonly string[] }
  /** Back to what it was at the start. */
  | { readonly kind: 'reset-env' }
);

/** Something that is asked of a supervisor. */
export type SupervisorRequest =
  | (JobCommandOptions & { readonly kind: 'start' | 'stop' | 'restart'; readonly job: string })
  /** Send the job's `reload signal` to the main process of an instance. */
  | { readonly kind: 'reload'; readonly job: string; readonly instance: string; readonly caller?: Caller }
  | (EmitOptions & { readonly kind: 'emit'; readonly name: string })
  /** Have starts confirmed (those of `jobs`; empty: all), each at most so long, which means yes (0: for ever); or no longer. */
  | { readonly kind: 'confirm'; readonly on: boolean; readonly jobs: readonly string[]; readonly timeoutMs: number }
  /** The word for a start that waits to be confirmed. */
  | {
      readonly kind: 'answer-start';
      readonly job: string;
      readonly instance: string;
      readonly answer: 'yes' | 'no' | 'always' | 'quit';
    }
  | EnvironmentRequest;

/** A request to a session as the engine takes it. */
export const requestInput = (request: SupervisorRequest, id: RequestId, session: SessionId): UnstampedInput => {
  const wait = 'wait' in request && request.wait === true;
  switch (request.kind) {
    case 'emit':
      return { ...request, env: request.env ?? [], session, request: id, wait };
    case 'start':
    case 'stop':
    case 'restart':
      return { ...request, session, request: id, wait };
    case 'reload':
    case 'confirm':
    case 'answer-start':
    case 'set-env':
    case 'unset-env':
    case 'reset-env':
      return { ...request, session, request: id };
    default:
      return unreachable(request);
  }
};
