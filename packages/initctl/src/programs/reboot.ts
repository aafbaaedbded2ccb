import { needRoot } from '../change-level.js';
import type { CommandContext, CommandHandler } from '../command.js';
import type { LastCall } from '../machine.js';
import { currentLevel, recordShutdown } from '../runlevel-record.js';

type Ending = Extract<LastCall, { kind: 'reboot' }>['how'];

/** Levels in which the machine is on its way down already. */
const GOING_DOWN: readonly string[] = ['0', '6'];

const SHUTDOWN = '/sbin/shutdown';
const SHUTDOWN_OPTIONS = {
  restart: ['-r'],
  halt: ['-h', '-H'],
  poweroff: ['-h', '-P'],
} as const satisfies Record<Ending, readonly string[]>;

const endNow = async ({ options, operands: [command], machine }: CommandContext, how: Ending): Promise<void> => {
  const here = await machine();
  const recordOnly = options.has('wtmp-only');
  if (!recordOnly) here.checkMayEnd();
  recordShutdown(here);
  if (recordOnly) return;
  if (!options.has('no-sync')) await here.sync();
  await here.perform({ kind: 'reboot', how, ...(how === 'restart' && command !== undefined ? { command } : {}) });
};

const ending =
  (byName: Ending): CommandHandler =>
  async (context) => {
    const { options, env } = context;
    needRoot(context);
    const machine = await context.machine();
    const how = byName === 'halt' && options.has('poweroff') ? 'poweroff' : byName;
    const forced = options.has('force') || GOING_DOWN.includes(currentLevel(env, machine));
    if (forced || options.has('wtmp-only')) return endNow(context, how);
    const argv = ['shutdown', ...SHUTDOWN_OPTIONS[how], 'now'];
    return machine.perform({ kind: 'become', path: SHUTDOWN, argv });
  };

/** `reboot`: restart the machine. */
export const reboot = ending('restart');

/** `halt`: stop it. */
export const halt = ending('halt');

/** `poweroff`: switch it off. */
export const poweroff = ending('poweroff');
