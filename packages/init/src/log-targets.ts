import { closeSync, constants, openSync, readlinkSync, writeSync } from 'node:fs';
import { closeFd, connectSocket, sendUnix } from '@maverick/spawner';
import type { LogSink } from './log.js';
import { jsonLine, kernelRecords, plainText, syslogDatagram } from './log-format.js';
import type { Mode } from './mode.js';
import type { Options } from './option-table.js';

/** Where messages can go. */
export type LogTarget = 'stderr' | 'syslog' | 'kmsg';

const KERNEL_LOG = '/dev/kmsg';
const SYSLOG = '/dev/log';

/**
 * Not by `process.stdout` and `process.stderr`: Node takes milliseconds to make them. A terminal or pipe may go away, or be full
 * and not to be waited for: the jobs are worth more than a message.
 */
const say = (fd: number, text: string): void => {
  try {
    writeSync(fd, text);
  } catch {}
};

const toStderr: LogSink = (message) => say(2, plainText(message));

const toStdoutAsJson: LogSink = (message) => say(1, jsonLine(message, new Date(), process.pid));

/** Opened for each message, as messages are few: nothing is held open that somebody may want to replace. */
const toKernel: LogSink = (message) => {
  try {
    const fd = openSync(KERNEL_LOG, constants.O_WRONLY | constants.O_NOCTTY);
    try {
      for (const record of kernelRecords(message)) writeSync(fd, record);
    } finally {
      closeSync(fd);
    }
  } catch {
    toStderr(message);
  }
};

/** A socket for each message, too: a syslog daemon that was started anew is found. One that is behind misses messages. */
const toSyslog: LogSink = (message) => {
  try {
    const fd = connectSocket({ family: 'unix', path: SYSLOG }, 'dgram');
    try {
      sendUnix(fd, Buffer.from(syslogDatagram(message, new Date(), process.pid)));
    } finally {
      closeFd(fd);
    }
  } catch {
    toStderr(message);
  }
};

const TARGETS = { stderr: toStderr, syslog: toSyslog, kmsg: toKernel } as const satisfies Record<LogTarget, LogSink>;

/** The number that the kernel has given the first namespace of PIDs, at all times. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/** Whether the kernel's log is this machine's and ours; that of a container is its host's. */
const ownsKernelLog = (): boolean => {
  try {
    return readlinkSync('/proc/self/ns/pid') === FIRST_PID_NAMESPACE;
  } catch {
    // No /proc: nothing can be said.
    return false;
  }
};

/** Where messages of the start go: for the machine's init that is the console. */
export const firstSink = ({ logFormat, logTarget }: Options): LogSink =>
  logFormat === 'json' ? toStdoutAsJson : TARGETS[logTarget ?? 'stderr'];

/** Where messages go once the start is done, if that is somewhere else. @see spec: engine.md 7.2 */
export const laterSink = (mode: Mode, { logFormat, logTarget }: Options): LogSink | undefined =>
  mode === 'system' && logFormat === 'text' && logTarget === undefined && ownsKernelLog() ? TARGETS.kmsg : undefined;
