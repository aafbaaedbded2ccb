import { missingCapability } from './capability.js';
import type { NativeFailure } from './native.js';
import { passedFds } from './passed-fds.js';
import type { LimitSpec, ProcessSpec, SpawnError } from './process-spec.js';
import { STEP_MESSAGES, type Step, stepAt } from './steps.js';
import { errnoMessage } from './system-error.js';

const prefix = (step: Step, argument: string | undefined): string =>
  step === 'limit' && argument !== undefined ? `unable to set "${argument}" resource limit` : STEP_MESSAGES[step];

const want = (step: Step, errno: number): Pick<SpawnError, 'capability' | 'hint'> => {
  const capability = missingCapability(step, errno);
  return capability === undefined ? {} : { capability, hint: `needs ${capability}` };
};

/** A failed step, with the original's words for it. An errno of 0 has no text of the system. */
export const spawnError = (step: Step, errno: number, argument?: string): SpawnError => ({
  step,
  ...(argument === undefined ? {} : { argument }),
  errno,
  message: errno === 0 ? prefix(step, argument) : `${prefix(step, argument)}: ${errnoMessage(errno)}`,
  ...want(step, errno),
});

type ArgumentOf = (spec: ProcessSpec, index: number, limits: readonly LimitSpec[]) => string | undefined;

/** What a step does its work on; where that is a list, the native side has counted how far it came. */
const ARGUMENTS: { readonly [step in Step]?: ArgumentOf } = {
  pam: (spec) => spec.pamService,
  inherit: (spec, index) => String(passedFds(spec)[index]?.source),
  apparmor: (spec) => spec.apparmor,
  limit: (_spec, index, limits) => limits[index]?.resource,
  chroot: (spec, index) => spec.chroot?.[index],
  chdir: (spec) => spec.cwd,
  getpwnam: (spec) => spec.user,
  user: (spec) => spec.user,
  getgrnam: (spec) => spec.group,
  group: (spec) => spec.group,
  cgroup: (spec) => spec.cgroup,
  setgid: (spec) => spec.group,
  setuid: (spec) => spec.user,
  exec: (spec) => spec.argv[0],
};

/**
 * What the native side reports, in words.
 * @param limits in the order in which they are set
 * @param text what a library has to say of it
 */
export const describeFailure = (
  spec: ProcessSpec,
  limits: readonly LimitSpec[],
  failure: NativeFailure,
  text = '',
): SpawnError => {
  const step = stepAt(failure.step);
  const error = spawnError(step, failure.errno, ARGUMENTS[step]?.(spec, failure.argument, limits));
  return text === '' ? error : { ...error, message: `${error.message}: ${text}` };
};
