import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { broadcast } from '../broadcast.js';
import { changeLevel, needRoot } from '../change-level.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';
import type { Machine } from '../machine.js';
import { banner, isWarned, minutesFrom, NOLOGIN_MINUTES, type Purpose } from '../shutdown-time.js';
import { levelRequest } from '../sysv-request.js';

interface Ending {
  readonly level: string;
  readonly purpose: Purpose;
  /** For the jobs of that level. */
  readonly env: readonly string[];
}

const MAINTENANCE: Ending = { level: '1', purpose: 'maintenance', env: [] };

/** By the option that asks for it. */
const ENDINGS: Readonly<Record<string, Ending>> = {
  r: { level: '6', purpose: 'reboot', env: [] },
  h: { level: '0', purpose: 'halt', env: [] },
  H: { level: '0', purpose: 'halt', env: ['INIT_HALT=HALT'] },
  P: { level: '0', purpose: 'power off', env: ['INIT_HALT=POWEROFF'] },
};

/** What the command line asks for. */
interface Plan {
  readonly ending: Ending;
  readonly minutes: number;
  /** Words, each with a blank behind it. */
  readonly message: string;
}

/** @throws InitctlError `time-expected`, and those of {@link minutesFrom} */
const readPlan = ({ operands, options }: CommandContext, now: Date): Plan => {
  const given = options.get('when') ?? (options.has('cancel') ? 'now' : undefined);
  const [time = given, ...rest] = given === undefined ? operands : [given, ...operands];
  if (time === undefined) throw new InitctlError('time-expected', {});
  return {
    ending: ENDINGS[options.get('ending') ?? ''] ?? MAINTENANCE,
    minutes: minutesFrom(time, now),
    message: rest.map((word) => `${word} `).join(''),
  };
};

const warning = ({ ending, message }: Plan, minutes: number): string =>
  `\r${banner(ending.purpose, minutes)}\r\n${message === '' ? '' : `${message}\r\n`}`;

/** The pid in the file of a shutdown that waits. */
const waitingPid = ({ shutdownPid }: Machine): number | undefined => {
  try {
    const pid = Number.parseInt(readFileSync(shutdownPid, 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
};

const canSignal = (machine: Machine, pid: number, signal: 'SIGINT' | 0): boolean => {
  try {
    machine.signalProcess(pid, signal);
    return true;
  } catch {
    return false;
  }
};

/** `-c`: end the shutdown that waits, and tell everybody why. */
const cancelOther = async (machine: Machine, { message }: Plan): Promise<void> => {
  const pid = waitingPid(machine);
  if (pid === undefined) throw new InitctlError('no-shutdown-pid', {});
  if (!canSignal(machine, pid, 'SIGINT')) throw new InitctlError('no-shutdown', {});
  if (message !== '') await broadcast(machine, `${message}\r\n`);
};

const removeFiles = ({ nologin, shutdownPid }: Machine): void => {
  for (const path of [nologin, shutdownPid]) rmSync(path, { force: true });
};

/** Where Upstart does not answer, an init of System V may listen. */
const askOtherInit = async (machine: Machine, level: string): Promise<void> => {
  for (const path of machine.requestPipes) {
    try {
      return await machine.perform({ kind: 'request', path, bytes: levelRequest(level) });
    } catch (error) {
      if (error instanceof InitctlError) throw error;
    }
  }
  throw new InitctlError('cannot-shutdown', {});
};

const isUnreachable = (error: unknown): boolean => error instanceof InitctlError && error.code === 'cannot-connect';

const goDown = async (context: CommandContext, machine: Machine, { level, env }: Ending): Promise<void> => {
  try {
    await changeLevel(context, level, env);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    await askOtherInit(machine, level);
  }
};

const forbidLogins = ({ nologin }: Machine, text: string): void => {
  try {
    writeFileSync(nologin, text);
  } catch {}
};

/** Count down. @returns false if somebody said stop */
const countDown = async (machine: Machine, plan: Plan, signal: AbortSignal): Promise<boolean> => {
  for (let left = plan.minutes; left > 0; ) {
    if (left <= NOLOGIN_MINUTES) forbidLogins(machine, warning(plan, left));
    const passed = await machine.minute(signal).then(
      () => true,
      () => false,
    );
    if (!passed) return false;
    left -= 1;
    if (isWarned(left)) await broadcast(machine, warning(plan, left));
  }
  return true;
};

const CANCELLING = ['SIGINT', 'SIGQUIT', 'SIGTERM'] as const;

/** Wait with a file by which others find us, and until a signal says that it is not to be. */
const waitForTime = async (machine: Machine, plan: Plan): Promise<boolean> => {
  const cancelled = new AbortController();
  const cancel = (): void => cancelled.abort();
  for (const signal of CANCELLING) process.on(signal, cancel);
  try {
    writeFileSync(machine.shutdownPid, `${process.pid}\n`);
    return await countDown(machine, plan, cancelled.signal);
  } finally {
    for (const signal of CANCELLING) process.off(signal, cancel);
  }
};

/** `shutdown [OPTION]... TIME [MESSAGE]...` @see shutdown(8) */
export const shutdown: CommandHandler = async (context) => {
  const { options, output } = context;
  const machine = await context.machine();
  const plan = readPlan(context, machine.now());
  needRoot(context);
  if (options.has('cancel')) return cancelOther(machine, plan);
  const other = waitingPid(machine);
  if (other !== undefined && canSignal(machine, other, 0)) throw new InitctlError('another-shutdown', {});
  await broadcast(machine, warning(plan, plan.minutes));
  if (options.has('warn-only')) return;
  try {
    if (plan.minutes > 0 && !(await waitForTime(machine, plan))) return output.error('Shutdown cancelled');
    await goDown(context, machine, plan.ending);
  } finally {
    // What was not written here is somebody else's.
    if (plan.minutes > 0) removeFiles(machine);
  }
};
