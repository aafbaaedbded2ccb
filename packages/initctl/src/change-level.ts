import type { CommandContext } from './command.js';
import { InitctlError } from './errors.js';
import { currentLevel, recordLevel } from './runlevel-record.js';

/** The init of the system: the programs of System V know no other. */
export const SYSTEM_INIT = { kind: 'system-init' } as const;

/** @throws InitctlError `need-root` */
export const needRoot = ({ uid }: Pick<CommandContext, 'uid'>): void => {
  if (uid !== 0) throw new InitctlError('need-root', {});
};

/**
 * Enter a runlevel: the change is recorded, and the event `runlevel` tells the jobs.
 * @param level one character
 * @param env more for the event, `KEY=VALUE`
 */
export const changeLevel = async (context: CommandContext, level: string, env: readonly string[]): Promise<void> => {
  const machine = await context.machine();
  const previous = currentLevel(context.env, machine);
  const upstart = await context.connect(SYSTEM_INIT);
  recordLevel(machine, { current: level, previous });
  await upstart.emit('runlevel', [`RUNLEVEL=${level}`, `PREVLEVEL=${previous}`, ...env], { wait: false });
};
