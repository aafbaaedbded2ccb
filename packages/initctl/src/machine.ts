import { realpathSync } from 'node:fs';
import { release } from 'node:os';
import { isSea } from 'node:sea';
import { setTimeout } from 'node:timers/promises';
import { InitctlError } from './errors.js';

/** Something after which the machine, or this program, is not what it was. Everything before it can be tried out. */
export type LastCall =
  /** Become another program. */
  | { readonly kind: 'become'; readonly path: string; readonly argv: readonly string[] }
  /** Ask an init of System V, by its pipe. */
  | { readonly kind: 'request'; readonly path: string; readonly bytes: Uint8Array }
  /** End the machine this moment. `command` is a word for the boot loader. */
  | { readonly kind: 'reboot'; readonly how: 'restart' | 'halt' | 'poweroff'; readonly command?: string };

/** What the System V programs see and do of the machine. */
export interface Machine {
  readonly utmp: string;
  readonly wtmp: string;
  /** Where a waiting `shutdown` says its pid. */
  readonly shutdownPid: string;
  /** While it is there nobody but root may log in. */
  readonly nologin: string;
  /** Where an init of System V listens. */
  readonly requestPipes: readonly string[];
  /** Where the terminals of `utmp` are. */
  readonly devices: string;
  readonly kernelRelease: string;
  now(): Date;
  /** Resolves after a minute; rejects with an AbortError when the signal says so. */
  minute(signal: AbortSignal): Promise<void>;
  signalProcess(pid: number, signal: 'SIGHUP' | 'SIGINT' | 0): void;
  /** Write everything to the disks. */
  sync(): Promise<void>;
  /** Ask before what belongs to the end. @throws InitctlError `not-the-systems` */
  checkMayEnd(): void;
  /** The one way to an end. @throws InitctlError `not-the-systems` */
  perform(call: LastCall): Promise<void>;
}

/** With this variable set, the last call is only told. For tests, and for trying out. */
const PRETEND = 'MAVERICK_PRETEND';

const pretends = (): boolean => process.env[PRETEND] !== undefined;

const describe = (call: LastCall): string => {
  switch (call.kind) {
    case 'become':
      return `execute ${[call.path, ...call.argv.slice(1)].join(' ')}`;
    case 'request':
      return `write ${call.bytes.length} bytes to ${call.path}`;
    case 'reboot':
      return `reboot(${call.command === undefined ? call.how : `${call.how}, ${call.command}`})`;
  }
};

const realPath = (path: string): string | undefined => {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
};

/** The file that is executed: the standalone program itself, whatever name the shell found it under. */
const fileOf = (path: string): string => (isSea() ? process.execPath : path);

/**
 * A program that merely lies in a folder of somebody's has no business to end the machine: it must be what the system
 * itself has under this name in `/sbin`.
 */
const checkOwner = (program: string, path: string): void => {
  const own = `/sbin/${program}`;
  const [ours, theirs] = [realPath(fileOf(path)), realPath(own)];
  if (ours === undefined || ours !== theirs) throw new InitctlError('not-the-systems', { path: own });
};

const carryOut = async (call: LastCall): Promise<void> => {
  switch (call.kind) {
    case 'become': {
      const { exec } = await import('@maverick/spawner');
      exec(
        call.path,
        call.argv,
        Object.entries(process.env).map(([key, value]) => `${key}=${value}`),
      );
      return;
    }
    case 'request': {
      const { writeNow } = await import('./write-now.js');
      await writeNow(call.path, call.bytes, REQUEST_LIMIT_MS);
      return;
    }
    case 'reboot': {
      const { reboot, setCtrlAltDel } = await import('@maverick/spawner');
      // A machine that hangs on its way down can still be restarted by its keys. A namespace has none.
      try {
        setCtrlAltDel(true);
      } catch {}
      reboot(call.how, call.command);
    }
  }
};

const REQUEST_LIMIT_MS = 3000;
const MINUTE_MS = 60_000;

/**
 * This machine.
 * @param program the name that the program was called by
 * @param path how it was called
 */
export const thisMachine = (program: string, path: string, tell: (text: string) => void): Machine => ({
  utmp: '/var/run/utmp',
  wtmp: '/var/log/wtmp',
  shutdownPid: '/var/run/shutdown.pid',
  nologin: '/etc/nologin',
  requestPipes: ['/run/initctl', '/dev/initctl'],
  devices: '/dev',
  kernelRelease: release(),
  now: () => new Date(),
  minute: (signal) => setTimeout(MINUTE_MS, undefined, { signal }),
  signalProcess: (pid, signal) => void process.kill(pid, signal),
  sync: async () => (await import('@maverick/spawner')).syncFilesystems(),
  checkMayEnd: () => {
    if (!pretends()) checkOwner(program, path);
  },
  perform: async (call) => {
    if (pretends()) return tell(`${program}: pretending to ${describe(call)}`);
    checkOwner(program, path);
    await carryOut(call);
  },
});
