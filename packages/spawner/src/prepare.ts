import { profileSwitch } from './apparmor.js';
import { openProcs } from './cgroup.js';
import type { ConsoleOutput } from './console-output.js';
import type { Descriptors } from './descriptors.js';
import type { IdentityResult } from './identity.js';
import { sortLimits } from './limits.js';
import { native } from './native.js';
import { SOFT_NOFILE } from './open-files.js';
import { scriptFd, scriptPreamble } from './passed-fds.js';
import type { Prepared, StepFailure } from './plan.js';
import type { ProcessSpec } from './process-spec.js';
import type { Step } from './steps.js';

const NO_FD = -1;

/** Something that a process needs opened: what is not asked for is undefined, a failure is a negative errno. */
interface Opened {
  readonly step: Step;
  readonly fd: number | undefined;
}

/** A file that holds the script. */
const openScript = (spec: ProcessSpec): number | undefined =>
  spec.script === undefined ? undefined : native.scriptOpen(scriptPreamble(scriptFd(spec)) + spec.script);

const descriptorOf = ({ fd = NO_FD }: Opened): number => Math.max(fd, NO_FD);

const failureOf = ({ step, fd = 0 }: Opened): StepFailure[] => (fd < 0 ? [{ step, errno: -fd }] : []);

const stdioOf = ({ stdio = {} }: ProcessSpec, output: ConsoleOutput): Prepared['stdio'] => [
  stdio.input ?? output.stdio[0],
  stdio.output ?? output.stdio[1],
  stdio.error ?? output.stdio[2],
];

/** Open what a process needs; `descriptors` closes it. What can't be opened fails in its turn among the steps. */
export const prepare = (
  spec: ProcessSpec,
  output: ConsoleOutput,
  identity: IdentityResult,
  descriptors: Descriptors,
): Prepared => {
  const limits = sortLimits(spec.limits ?? []);
  const script: Opened = { step: 'script', fd: openScript(spec) };
  const cgroup: Opened = { step: 'cgroup', fd: spec.cgroup === undefined ? undefined : openProcs(spec.cgroup) };
  descriptors.keep(descriptorOf(script), descriptorOf(cgroup));
  return {
    stdio: stdioOf(spec, output),
    controlling: output.controlling,
    scriptFd: descriptorOf(script),
    limits,
    softNofile: limits.some(({ resource }) => resource === 'nofile') ? undefined : SOFT_NOFILE,
    identity,
    cgroupFd: descriptorOf(cgroup),
    apparmor: profileSwitch(spec.apparmor),
    failures: [script, cgroup].flatMap(failureOf),
  };
};
