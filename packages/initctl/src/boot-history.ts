import type { History, Run } from '@maverick/graph';
import type { CommandContext } from './command.js';
import { InitctlError } from './errors.js';
import { bootOption, readHistory } from './history-source.js';

/** One boot, as the journal tells it. */
export interface BootHistory {
  readonly history: History;
  /** Its daemon is there: what has not ended goes on. */
  readonly isPresent: boolean;
}

/**
 * The boot that `--boot` names; without it the last one.
 * @throws InitctlError `no-such-boot`, `empty-journal` and those of the journal's place
 */
export const readBoot = async (context: CommandContext): Promise<BootHistory> => {
  const boot = bootOption(context) ?? 0;
  const { all, isPresent } = await readHistory(context, boot);
  const history = all.at(-1);
  if (history === undefined) throw new InitctlError('empty-journal', {});
  return { history, isPresent };
};

/** The first run of a job in this history. @throws InitctlError `no-runs` */
export const firstRun = ({ runs }: History, job: string): Run => {
  const run = runs.find(({ ref }) => ref.job === job);
  if (run === undefined) throw new InitctlError('no-runs', { job });
  return run;
};
