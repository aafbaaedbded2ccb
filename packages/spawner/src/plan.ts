import { environmentOf } from './environment.js';
import { execCandidates } from './exec-path.js';
import type { IdentityResult } from './identity.js';
import { nativeLimits } from './limits.js';
import type { NativePlan } from './native.js';
import { passedFds, pidEntry, scriptFd } from './passed-fds.js';
import type { LimitSpec, ProcessSpec } from './process-spec.js';
import { type Step, stepIndex } from './steps.js';

/** A step that is known to fail before the child exists. `errno` 0: no system call failed. */
export interface StepFailure {
  readonly step: Step;
  readonly errno: number;
}

/** What was opened and looked up for a process before its plan is made. */
export interface Prepared {
  readonly stdio: NativePlan['stdio'];
  readonly controlling: boolean;
  /** -1: none. */
  readonly scriptFd: number;
  /** In the order in which they are set. */
  readonly limits: readonly LimitSpec[];
  /** Undefined: left as it is. */
  readonly softNofile: bigint | undefined;
  readonly identity: IdentityResult;
  /** An open `cgroup.procs`, -1: none. */
  readonly cgroupFd: number;
  /** What is written to switch the AppArmor profile; undefined: nothing. */
  readonly apparmor: string | undefined;
  readonly failures: readonly StepFailure[];
}

/** A process that changes its root and not its directory would keep one outside the root. */
const directoryOf = (spec: ProcessSpec): string | undefined =>
  spec.cwd ?? (spec.chroot === undefined || spec.chroot.length === 0 ? undefined : '/');

/** Each fails in its turn, and nothing follows the first. */
const firstFailure = ({ failures, identity }: Prepared): Pick<NativePlan, 'failingStep' | 'failingErrno'> => {
  const known = identity.ok ? failures : [...failures, identity.failure];
  const rows = known.map(({ step, errno }) => ({ failingStep: stepIndex(step), failingErrno: errno }));
  return rows.sort((a, b) => a.failingStep - b.failingStep)[0] ?? { failingStep: -1, failingErrno: 0 };
};

/** The plan that the child carries out. */
export const makePlan = (spec: ProcessSpec, prepared: Prepared): NativePlan => {
  const { identity } = prepared;
  const [program = ''] = spec.argv;
  const env = environmentOf(spec);
  return {
    files: execCandidates(program, env),
    argv: spec.argv,
    env,
    pidEntry: pidEntry(spec, env),
    stdio: prepared.stdio,
    controlling: prepared.controlling,
    scriptFd: prepared.scriptFd,
    scriptTarget: scriptFd(spec),
    passed: passedFds(spec),
    apparmor: prepared.apparmor,
    cgroupFd: prepared.cgroupFd,
    birthFd: spec.birth?.fd ?? -1,
    birth: spec.birth?.text,
    limits: nativeLimits(prepared.limits),
    softNofile: prepared.softNofile,
    umask: spec.umask,
    nice: spec.nice,
    oom: spec.oomScore,
    chroot: spec.chroot ?? [],
    cwd: directoryOf(spec),
    ...(identity.ok ? identity.identity : {}),
    pause: spec.pause ?? false,
    trace: spec.trace ?? false,
    ownRights: spec.ownRights ?? false,
    ...firstFailure(prepared),
    follows: false,
    ownOutput: false,
    ownError: false,
  };
};
