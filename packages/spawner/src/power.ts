import { native } from './native.js';
import { checked } from './system-error.js';

/** How the machine ends. */
export type Reboot = 'restart' | 'halt' | 'poweroff' | 'kexec';

/**
 * End the machine this moment: nothing is written or stopped before, so `syncFilesystems` first. In a PID namespace it
 * ends the namespace instead (`kexec` fails there). Needs CAP_SYS_BOOT.
 * @param command for `restart`: a word for the boot loader
 * @throws SystemError `EPERM`; `EINVAL` when no kernel is loaded for `kexec`
 * @see reboot(2)
 */
export const reboot = (how: Reboot, command?: string): void => {
  const name = how === 'restart' && command !== undefined ? 'restart-with' : how;
  checked(native.reboot(name, command ?? ''), 'reboot', how);
};

/**
 * What the keys Ctrl-Alt-Del do: restart the machine at once (the kernel's default), or send SIGINT to PID 1.
 * @throws SystemError `EPERM` without CAP_SYS_BOOT; `EINVAL` in a PID namespace
 */
export const setCtrlAltDel = (restarts: boolean): void => {
  checked(native.reboot(restarts ? 'ctrl-alt-del-on' : 'ctrl-alt-del-off', ''), 'reboot Ctrl-Alt-Del');
};

/** Write everything that is not yet on the disks, and wait for it. Blocks. */
export const syncFilesystems = (): void => native.syncAll();
