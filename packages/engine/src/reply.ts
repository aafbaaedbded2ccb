import type { Reply, ReplyErrorCode } from './effect.js';
import type { InstanceRef, RequestId } from './input.js';
import { nameInSession } from './instance.js';
import { type Call, emitEffect, type World } from './world.js';

type Failure = Extract<Reply, { ok: false }>;

/** Somebody waits for an answer. */
export const registerCall = (world: World, call: Call): void => {
  world.calls.set(call.request, call);
  if (!call.caller) return;
  const { process } = call.caller;
  const others = world.callsOf.get(process);
  if (others) others.add(call.request);
  else world.callsOf.set(process, new Set([call.request]));
};

const forgetCall = (world: World, request: RequestId): void => {
  const process = world.calls.get(request)?.caller?.process;
  world.calls.delete(request);
  if (process === undefined) return;
  const others = world.callsOf.get(process);
  others?.delete(request);
  if (others?.size === 0) world.callsOf.delete(process);
};

/** The one answer to a request. */
export const answer = (world: World, request: RequestId, reply: Reply): void => {
  forgetCall(world, request);
  emitEffect(world, { kind: 'reply', request, reply });
};

export const failure = (code: ReplyErrorCode, message: string): Failure => ({ ok: false, code, message });

/** The refusals that more than one command gives, in the original's words. @see spec: dbus-api.md */
export const unknownJob = (name: string): Failure => failure('UnknownJob', `Unknown job: ${name}`);
export const unknownInstance = (name: string): Failure => failure('UnknownInstance', `Unknown instance: ${name}`);
export const alreadyStarted = (ref: InstanceRef): Failure =>
  failure('AlreadyStarted', `Job is already running: ${nameInSession(ref)}`);
export const alreadyStopped = (ref: InstanceRef): Failure =>
  failure('AlreadyStopped', `Job has already been stopped: ${nameInSession(ref)}`);

/** What a waiting command is told when the job fails. */
export const JOB_FAILED = {
  start: 'Job failed to start',
  stop: 'Job failed while stopping',
  restart: 'Job failed to restart',
} as const;
