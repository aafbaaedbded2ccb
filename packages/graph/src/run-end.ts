import { causeText, statusText } from './cause-words.js';
import { type History, type ProcessFact, type Run, wasUp } from './history.js';

/** How a run ended, or that it has not. */
export interface RunEnd {
  /**
   * `stopped`: it was asked to; `done`: its main process had nothing more to do; `crashed`: that ended as it should not, or never
   * started; `running`: it goes on; `untold`: the daemon ended before it.
   */
  readonly kind: 'stopped' | 'done' | 'crashed' | 'running' | 'untold';
  /** The same in words: what stopped it, and what its main process said to that. */
  readonly text: string;
}

const mainOf = ({ processes }: Run): ProcessFact | undefined => processes.findLast(({ role }) => role === 'main');

/** What stopped it from outside: a goal that its own process's end has set is none. */
const stoppedBy = (history: History, { stopCause, processes }: Run): string | undefined => {
  if (stopCause === undefined) return undefined;
  const { process } = history.inputs.get(stopCause.input) ?? {};
  const isOwn = stopCause.event === undefined && processes.some((own) => own.process === process);
  return isOwn ? undefined : causeText(history, stopCause);
};

const FAILURES: Readonly<Record<string, string>> = {
  respawn: 'respawned too fast',
  timeout: 'took too long to start',
};

const failureText = ({ failure, processes }: Run): string | undefined => {
  if (failure === undefined) return undefined;
  const { process: role, status } = failure;
  if (FAILURES[role] !== undefined) return FAILURES[role];
  const failed = processes.findLast((process) => process.role === role);
  if (status < 0) return `${role} could not be started${failed?.failure === undefined ? '' : `: ${failed.failure}`}`;
  const how = failed?.status === undefined ? `ended with status ${status}` : statusText(failed.status);
  return role === 'main' ? how : `${role} ${how}`;
};

const isBad = (main: ProcessFact | undefined): boolean =>
  main?.status !== undefined && !(main.status.kind === 'exited' && main.status.code === 0);

/** @param isPresent the daemon of the history is there: what has not ended goes on */
export const endOf = (history: History, run: Run, isPresent: boolean): RunEnd => {
  const main = mainOf(run);
  const stopped = stoppedBy(history, run);
  const how = main?.status && statusText(main.status);
  if (run.ended === undefined && main?.endedAt === undefined) {
    return isPresent ? { kind: 'running', text: 'goes on' } : { kind: 'untold', text: 'the daemon ended before it' };
  }
  if (stopped !== undefined) return { kind: 'stopped', text: how === undefined ? stopped : `${stopped}; ${how}` };
  const failure = failureText(run);
  if (failure !== undefined || isBad(main)) {
    const both = [how, failure].filter((text, index, all) => text !== undefined && all.indexOf(text) === index);
    return { kind: 'crashed', text: both.join('; ') };
  }
  return { kind: 'done', text: how ?? 'nothing was left to do' };
};

/** What it was like when a run crashed. */
export interface CrashScene {
  /** When its main process ended, monotonic milliseconds. */
  readonly at: number;
  /** How long the daemon had been there, or been told of; milliseconds. */
  readonly upMs: number;
  /** At least so long: the journal does not reach back to the beginning of the daemon. */
  readonly isAtLeast: boolean;
  /** The other runs that were up in that moment. */
  readonly beside: readonly Run[];
}

/** @returns undefined for a run of which no process has ended */
export const crashScene = (history: History, run: Run): CrashScene | undefined => {
  const at = mainOf(run)?.endedAt ?? run.processes.at(-1)?.endedAt ?? run.ended?.at;
  if (at === undefined) return undefined;
  const beside = history.runs.filter((other) => other !== run && wasUp(other, at));
  return { at, upMs: at - (history.began ?? history.from).at, isAtLeast: history.began === undefined, beside };
};
