import { chmodSync, existsSync, fstatSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  closeFd,
  type MountSpec,
  makeNode,
  mount,
  newSession,
  openTerminal,
  redirectFd,
  requestKeyboardSignal,
  resetTerminal,
  setCtrlAltDel,
} from '@maverick/spawner';

/** What a machine's init does to the machine; tests pass fakes. */
export interface MachinePort {
  readonly exists: (path: string) => boolean;
  /** Whether something is mounted there: it lies on another device than the directory that it is in. */
  readonly isMountPoint: (path: string) => boolean;
  readonly mount: (spec: MountSpec) => void;
  readonly makeNode: (path: string, mode: number, device: readonly [major: number, minor: number]) => void;
  readonly makeDirectory: (path: string) => void;
  readonly newSession: () => void;
  readonly setUmask: (mask: number) => void;
  readonly openConsole: () => void;
  readonly chdir: (path: string) => void;
  readonly setPath: (path: string) => void;
}

/** `/dev/null`, as the kernel numbers devices. */
const NULL_DEVICE = (1 << 8) | 3;

const isNull = (fd: number): boolean => {
  const { rdev, mode } = fstatSync(fd);
  return (mode & 0o170000) === 0o020000 && rdev === NULL_DEVICE;
};

const openOrNull = (): number => {
  try {
    return openTerminal('/dev/console');
  } catch {
    return openSync('/dev/null', 'r+');
  }
};

/**
 * The kernel, or whoever made the container, gives standard descriptors: they stay, and a terminal among them is made fit
 * to work at. Those that lead nowhere (Node opens `/dev/null` for what is missing) become the console.
 */
const openConsole = (): void => {
  const nowhere = [0, 1, 2].filter(isNull);
  if (nowhere.length > 0) {
    const console = openOrNull();
    for (const fd of nowhere) redirectFd(console, fd);
    closeFd(console);
  }
  try {
    resetTerminal(0);
  } catch {
    // No terminal: nothing to be done.
  }
};

const machinePort: MachinePort = {
  exists: existsSync,
  isMountPoint: (path) => lstatSync(path).dev !== lstatSync(dirname(path)).dev,
  mount,
  makeNode: (path, mode, device) => makeNode({ path, kind: 'char', mode, device }),
  makeDirectory: (path) => {
    mkdirSync(path);
    chmodSync(path, 0o755);
  },
  newSession,
  setUmask: (mask) => void process.umask(mask),
  openConsole,
  chdir: (path) => process.chdir(path),
  setPath: (path) => {
    Object.assign(process.env, { PATH: path });
  },
};

/** @see spec: engine.md 4.1 */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin';
/** Group `tty`, in every distribution. */
const DEVPTS_OPTIONS = 'gid=5,mode=0620';

/** Where one is missing. */
const NODES = [
  { path: '/dev/null', mode: 0o666, device: [1, 3] },
  { path: '/dev/tty', mode: 0o666, device: [5, 0] },
  { path: '/dev/console', mode: 0o600, device: [5, 1] },
  { path: '/dev/kmsg', mode: 0o600, device: [1, 11] },
] as const;

const SAFE = ['nosuid', 'nodev', 'noexec'] as const;
const CGROUPS = '/sys/fs/cgroup';

const makeMissing = (port: MachinePort, { path, mode, device }: (typeof NODES)[number]): void => {
  if (!port.exists(path)) port.makeNode(path, mode, device);
};

const mountMissing = (port: MachinePort, spec: MountSpec): void => {
  if (!port.isMountPoint(spec.target)) port.mount(spec);
};

const makeDev = (port: MachinePort): void => {
  if (port.exists('/dev/ptmx') && port.exists('/dev/pts')) return;
  mountMissing(port, { target: '/dev', source: 'devtmpfs', type: 'devtmpfs', flags: ['nosuid'], data: 'mode=0755' });
  if (!port.exists('/dev/ptmx')) port.makeNode('/dev/ptmx', 0o666, [5, 2]);
  if (!port.exists('/dev/pts')) port.makeDirectory('/dev/pts');
};

/** No part of the original, which had control groups from another daemon. A kernel that has none has no such directory. */
const mountCgroups = (port: MachinePort): void => {
  if (!port.exists(CGROUPS)) return;
  mountMissing(port, { target: CGROUPS, source: 'cgroup2', type: 'cgroup2', flags: SAFE, data: 'nsdelegate' });
};

/** The steps, in their order; what one can't do is said, and the others are done all the same. @see spec: engine.md 7.2 */
const STEPS: readonly { readonly failure: string; readonly act: (port: MachinePort) => void }[] = [
  { failure: 'Unable to lead a session', act: (port) => port.newSession() },
  // The original's 0 would be every file's that we write; nodes and directories are made with exact modes.
  { failure: 'Unable to set the umask', act: (port) => port.setUmask(0o022) },
  { failure: 'Unable to make /dev', act: makeDev },
  {
    failure: 'Unable to mount /dev/pts',
    act: (port) =>
      mountMissing(port, {
        target: '/dev/pts',
        source: 'devpts',
        type: 'devpts',
        flags: ['nosuid', 'noexec'],
        data: DEVPTS_OPTIONS,
      }),
  },
  ...NODES.map((node) => ({
    failure: `Unable to make ${node.path}`,
    act: (port: MachinePort) => makeMissing(port, node),
  })),
  { failure: 'Unable to open the console', act: (port) => port.openConsole() },
  { failure: 'Unable to set PATH', act: (port) => port.setPath(PATH) },
  { failure: 'Unable to enter /', act: (port) => port.chdir('/') },
  ...(['proc', 'sys'] as const).map((name) => ({
    failure: `Unable to mount /${name}`,
    act: (port: MachinePort) =>
      mountMissing(port, { target: `/${name}`, source: name, type: name === 'sys' ? 'sysfs' : name, flags: SAFE }),
  })),
  { failure: `Unable to mount ${CGROUPS}`, act: mountCgroups },
];

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Started by hand in a shell, init may lead its process group; the kernel starts it as the leader of nothing. */
const isHarmless = (failure: string, error: unknown): boolean =>
  failure === 'Unable to lead a session' && error instanceof Error && 'code' in error && error.code === 'EPERM';

/**
 * Make the machine fit for jobs: file systems and devices where they are missing, the console, `PATH`, `/`. Nothing may
 * have been written to the standard streams before.
 * @returns what could not be done, for the log
 */
export const setUpMachine = (port: MachinePort = machinePort): string[] =>
  STEPS.flatMap(({ failure, act }) => {
    try {
      act(port);
      return [];
    } catch (error) {
      return isHarmless(failure, error) ? [] : [`${failure}: ${reason(error)}`];
    }
  });

/** From now on what is written to the standard descriptors goes nowhere: messages are in the kernel's log. */
export const leaveConsole = (): void => {
  const nowhere = openSync('/dev/null', 'r+');
  for (const fd of [0, 1, 2]) redirectFd(nowhere, fd);
  closeFd(nowhere);
};

/** Whether the kernel has agreed to tell us of these keys, instead of acting on its own. */
export interface Keys {
  readonly ctrlAltDel: boolean;
  readonly keyboardRequest: boolean;
}

const succeeds = (act: () => void): boolean => {
  try {
    act();
    return true;
  } catch {
    return false;
  }
};

/** Have keys pressed at the console sent to us as signals. In a container there are none. */
export const requestKeys = (): Keys => ({
  ctrlAltDel: succeeds(() => setCtrlAltDel(false)),
  keyboardRequest: succeeds(() => {
    const console = openTerminal('/dev/tty0');
    try {
      requestKeyboardSignal(console);
    } finally {
      closeFd(console);
    }
  }),
});
