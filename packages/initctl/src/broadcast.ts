import { readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { readUtmp } from '@maverick/spawner';
import type { Machine } from './machine.js';
import { writeNow } from './write-now.js';

/** Nobody's terminal may hold the others up for longer. */
const TERMINAL_LIMIT_MS = 2000;

/** Who says it, and from where. */
interface Speaker {
  readonly user: string;
  readonly host: string;
  /** Below `/dev`. */
  readonly terminal: string;
}

const UNKNOWN = 'unknown';

const orUnknown = (ask: () => string): string => {
  try {
    return ask();
  } catch {
    return UNKNOWN;
  }
};

/** Who runs this program. */
const thisSpeaker = (): Speaker => ({
  user: orUnknown(() => userInfo().username),
  host: hostname(),
  terminal: /^\/dev\/((?:pts\/|tty).*)$/.exec(orUnknown(() => readlinkSync('/proc/self/fd/0')))?.[1] ?? UNKNOWN,
});

/** The whole message, as it comes to a terminal that may be in any mode. */
export const broadcastText = ({ user, host, terminal }: Speaker, now: Date, text: string): string => {
  const clock = `${now.getHours()}:${String(now.getMinutes()).padStart(2, '0')}`;
  return `\x07\r\nBroadcast message from ${user}@${host}\r\n\t(${terminal}) at ${clock} ...\r\n\r\n${text}`;
};

/** Terminals below `/dev`, and nothing else: the file is not to be trusted. */
const isTerminal = (line: string): boolean => /^[\w/.:-]+$/.test(line) && !line.split('/').includes('..');

const terminals = ({ utmp, devices }: Machine): string[] => {
  try {
    const users = readUtmp(utmp).filter(
      ({ type, user, line }) => type === 'user-process' && user !== '' && isTerminal(line),
    );
    return [...new Set(users.map(({ line }) => join(devices, line)))];
  } catch {
    return [];
  }
};

/** Tell everybody who is logged in on a terminal. Who can't be told is left out. */
export const broadcast = async (machine: Machine, text: string): Promise<void> => {
  const bytes = Buffer.from(broadcastText(thisSpeaker(), machine.now(), text));
  await Promise.allSettled(terminals(machine).map((path) => writeNow(path, bytes, TERMINAL_LIMIT_MS)));
};
