import { native } from './native.js';

/**
 * What is done to start a process, in this order, and what is said when a step fails; the system's own text follows.
 * The names and their order are those of `native/shared/steps.def`, the texts those of the original.
 */
export const STEP_MESSAGES = {
  log: 'unable to open pty',
  helper: 'unable to run spawn helper',
  pam: 'unable to open PAM session',
  script: 'unable to move script fd',
  inherit: 'unable to inherit descriptor',
  session: 'unable to create session',
  console: 'unable to open console',
  apparmor: 'unable to switch security profile',
  limit: 'unable to set resource limit',
  umask: 'unable to set umask',
  nice: 'unable to set priority',
  oom: 'unable to set oom adjustment',
  chroot: 'unable to change root directory',
  chdir: 'unable to change working directory',
  getpwnam: 'unable to getpwnam',
  user: 'unable to find setuid user',
  getgrnam: 'unable to getgrnam',
  group: 'unable to find setgid group',
  groups: 'unable to initgroups',
  cgroup: 'unable to enter cgroup',
  setgid: 'unable to setgid',
  setuid: 'unable to setuid',
  signals: 'unable to reset signals',
  pause: 'unable to stop for debugging',
  trace: 'unable to set trace',
  exec: 'unable to execute',
  fork: 'unable to fork',
} as const;

/** A step of starting a process. */
export type Step = keyof typeof STEP_MESSAGES;

// The native side numbers its steps; a test holds its table against the one above.
const NAMES = native.stepNames() as readonly Step[];

/** The native side's number of a step. */
export const stepIndex = (step: Step): number => NAMES.indexOf(step);

/** The step of a number that came from the native side. */
export const stepAt = (index: number): Step => {
  const step = NAMES[index];
  if (step === undefined) throw new RangeError(`step ${index} is not in the table`);
  return step;
};
