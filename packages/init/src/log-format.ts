import { oneLine } from '@maverick/conf';
import type { LogPriority } from '@maverick/engine';
import type { LogMessage } from './log.js';

/** What tools look for: the program is `init`, whatever it was started as. */
const PROGRAM = 'init';

/**
 * A message on standard error. A text that begins with a word and a colon (such as `/etc/init/web.conf:3: …`) follows
 * without a blank.
 * @see spec: config-language.md 8.3
 */
export const plainText = ({ text }: LogMessage): string =>
  `${PROGRAM}:${/^\S+:(?:\s|$)/.test(text) ? '' : ' '}${oneLine(text)}\n`;

/** One JSON object a line, for whoever collects the output of containers. */
export const jsonLine = ({ priority, text, instance }: LogMessage, time: Date, pid: number): string => {
  const about = instance === undefined ? {} : { job: instance.job, instance: instance.instance };
  return `${JSON.stringify({ time: time.toISOString(), priority, program: PROGRAM, pid, message: text, ...about })}\n`;
};

/** The levels of the kernel's log and of syslog. @see syslog(3) */
const LEVELS = { debug: 7, info: 6, message: 5, warn: 4, error: 3, fatal: 2 } as const satisfies Record<
  LogPriority,
  number
>;

/** The kernel takes 1024 bytes a record, its own additions included; a character has 4 at most. */
const RECORD_CHARACTERS = 240;

const recordsOf = (text: string): string[] => oneLine(text).match(new RegExp(`.{1,${RECORD_CHARACTERS}}`, 'gsu')) ?? [];

/** The records of a message in the kernel's log, each to be written at once. @see spec: engine.md 7.2 */
export const kernelRecords = ({ priority, text }: LogMessage): string[] =>
  recordsOf(text).map((record) => `<${LEVELS[priority]}>${PROGRAM}: ${record}\n`);

/** LOG_DAEMON, in its place in a syslog message. */
const FACILITY = 3 << 3;

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `Nov  8 05:20:11`, in local time. */
const syslogTime = (time: Date): string => {
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0'));
  return `${MONTHS[time.getMonth()]} ${String(time.getDate()).padStart(2)} ${clock.join(':')}`;
};

/** The datagram of a message for a syslog daemon, in the form that syslog(3) sends. */
export const syslogDatagram = ({ priority, text }: LogMessage, time: Date, pid: number): string =>
  `<${FACILITY | LEVELS[priority]}>${syslogTime(time)} ${PROGRAM}[${pid}]: ${oneLine(text)}`;
