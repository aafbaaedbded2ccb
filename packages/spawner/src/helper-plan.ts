import type { ConsoleOutput } from './console-output.js';
import type { NativeHelper, NativePlan } from './native.js';
import { nativeFile } from './native-files.js';
import type { ProcessSpec } from './process-spec.js';

export const HELPER = nativeFile('spawn-helper');

/** The modules of PAM may start programs; the process itself gets its own environment. */
const HELPER_ENV = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];

/** The plan of a process, with what the helper does for it. */
export const planForHelper = (plan: NativePlan, spec: ProcessSpec, output: Pick<ConsoleOutput, 'log'>): NativePlan => ({
  ...plan,
  user: spec.user,
  group: spec.group,
  pamService: spec.pamService,
  follows: spec.follow !== undefined,
  ownOutput: output.log !== undefined && spec.stdio?.output === undefined,
  ownError: output.log !== undefined && spec.stdio?.error === undefined,
});

/**
 * The plan of the helper itself. Where it keeps a session it starts with the soft limit of open files that the process
 * is to have, for PAM may change it.
 * @param command what runs the helper: for its tests
 */
export const helperPlan = (
  job: NativePlan,
  { passed }: NativeHelper,
  command: readonly [string, ...string[]] = [HELPER],
): NativePlan => ({
  files: [command[0]],
  argv: command,
  env: HELPER_ENV,
  pidEntry: -1,
  stdio: [-1, -1, -1],
  controlling: false,
  scriptFd: -1,
  scriptTarget: -1,
  passed,
  cgroupFd: -1,
  birthFd: -1,
  limits: [],
  softNofile: job.pamService === undefined ? undefined : job.softNofile,
  chroot: [],
  pause: false,
  trace: false,
  ownRights: false,
  failingStep: -1,
  failingErrno: 0,
  follows: false,
  ownOutput: false,
  ownError: false,
});
