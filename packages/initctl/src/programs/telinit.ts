import { setTimeout } from 'node:timers/promises';
import { changeLevel, needRoot, SYSTEM_INIT } from '../change-level.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';

const LEVEL = /^[0-6sS]$/;
/** Things to tell init that are no levels. */
const RELOAD = /^[qQ]$/;
const RESTART = /^[uU]$/;

/** How often a daemon that executes itself again is looked for. */
const LOOK_AGAIN_MS = 100;

const isThere = async ({ connect }: CommandContext): Promise<boolean> => {
  try {
    await (await connect(SYSTEM_INIT)).version();
    return true;
  } catch {
    return false;
  }
};

/** Have init execute itself again, and wait until it answers. */
const restartInit = async (context: CommandContext): Promise<void> => {
  const upstart = await context.connect(SYSTEM_INIT);
  await upstart.restart();
  while (!(await isThere(context))) await setTimeout(LOOK_AGAIN_MS);
};

/** `telinit [-e KEY=VALUE]... LEVEL` */
export const telinit: CommandHandler = async (context) => {
  const [level] = context.operands;
  if (level === undefined) throw new InitctlError('missing-runlevel', {});
  if (![LEVEL, RELOAD, RESTART].some((known) => known.test(level)))
    throw new InitctlError('illegal-runlevel', { runlevel: level });
  needRoot(context);
  if (RELOAD.test(level)) (await context.machine()).signalProcess(1, 'SIGHUP');
  else if (RESTART.test(level)) await restartInit(context);
  else await changeLevel(context, level.toUpperCase(), context.occurrences.get('event-env') ?? []);
};
