import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Step } from './steps.js';

/** Bits of a capability set. @see capabilities(7) */
const BITS = {
  CAP_DAC_OVERRIDE: 1,
  CAP_SETGID: 6,
  CAP_SETUID: 7,
  CAP_SYS_CHROOT: 18,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_NICE: 23,
  CAP_SYS_RESOURCE: 24,
} as const;

/** A privilege that a step of starting a process can need. */
export type Capability = keyof typeof BITS;

const { EPERM, EACCES } = constants.errno;

/** What a process lacks that is refused something, by the way in which it is refused. */
const NEEDED: { readonly [step in Step]?: { readonly [errno: number]: Capability } } = {
  // Another session's terminal can be taken by the privileged only; the device itself is a file.
  console: { [EPERM]: 'CAP_SYS_ADMIN', [EACCES]: 'CAP_DAC_OVERRIDE' },
  limit: { [EPERM]: 'CAP_SYS_RESOURCE' },
  nice: { [EPERM]: 'CAP_SYS_NICE', [EACCES]: 'CAP_SYS_NICE' },
  oom: { [EPERM]: 'CAP_SYS_RESOURCE', [EACCES]: 'CAP_SYS_RESOURCE' },
  chroot: { [EPERM]: 'CAP_SYS_CHROOT' },
  groups: { [EPERM]: 'CAP_SETGID' },
  cgroup: { [EACCES]: 'CAP_DAC_OVERRIDE' },
  setgid: { [EPERM]: 'CAP_SETGID' },
  setuid: { [EPERM]: 'CAP_SETUID' },
};

const EFFECTIVE = /^CapEff:\t([0-9a-f]+)$/m;

/** The effective capabilities of this process. */
const effective = (): bigint => {
  const [, digits = '0'] = EFFECTIVE.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  return BigInt(`0x${digits}`);
};

const isMissing = (capability: Capability): boolean => (effective() & (1n << BigInt(BITS[capability]))) === 0n;

/**
 * The capability for want of which a step was refused. Undefined where this process has it: then the reason is another,
 * such as a bound that holds for everybody.
 */
export const missingCapability = (step: Step, errno: number): Capability | undefined => {
  const capability = NEEDED[step]?.[errno];
  return capability !== undefined && isMissing(capability) ? capability : undefined;
};
