import { readFileSync } from 'node:fs';

const ENABLED = '/sys/module/apparmor/parameters/enabled';

/** Whether the kernel has AppArmor and it is switched on. */
const isEnabled = (): boolean => {
  try {
    return readFileSync(ENABLED, 'utf8').startsWith('Y');
  } catch {
    return false;
  }
};

/**
 * What a process writes to be under a profile from its exec on; undefined where there is no profile to be had.
 * @see aa_change_onexec(2)
 */
export const profileSwitch = (profile: string | undefined): string | undefined =>
  profile !== undefined && isEnabled() ? `exec ${profile}` : undefined;
