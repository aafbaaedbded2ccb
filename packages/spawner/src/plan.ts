import { execCandidates } from './exec-path.js';
import type { IdentityResult } from './identity.js';
import { nativeLimits } from './limits.js';
import type { NativePlan } from './native.js';
import type { LimitSpec, ProcessSpec } from './process-spec.js';
import { stepIndex } from './steps.js';

/** What was opened and looked up for a process before its plan is made. */
export interface Prepared {
  readonly stdio: NativePlan['stdio'];
  readonly controlling: boolean;
  /** -1: none. */
  readonly scriptFd: number;
  /** In the order in which they are set. */
  readonly limits: readonly LimitSpec[];
  readonly identity: IdentityResult;
}

/** A process that changes its root and not its directory would keep one outside the root. */
const directoryOf = (spec: ProcessSpec): string | undefined =>
  spec.cwd ?? (spec.chroot === undefined || spec.chroot.length === 0 ? undefined : '/');

/** The plan that the child carries out. */
export const makePlan = (spec: ProcessSpec, prepared: Prepared): NativePlan => {
  const { identity } = prepared;
  const [program = ''] = spec.argv;
  return {
    files: execCandidates(program, spec.env),
    argv: spec.argv,
    env: spec.env,
    stdio: prepared.stdio,
    controlling: prepared.controlling,
    scriptFd: prepared.scriptFd,
    inherit: spec.inheritFds ?? [],
    limits: nativeLimits(prepared.limits),
    umask: spec.umask,
    nice: spec.nice,
    oom: spec.oomScore,
    chroot: spec.chroot ?? [],
    cwd: directoryOf(spec),
    ...(identity.ok ? identity.identity : {}),
    failingStep: identity.ok ? -1 : stepIndex(identity.failure.step),
    failingErrno: identity.ok ? 0 : identity.failure.errno,
  };
};
