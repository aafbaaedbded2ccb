import type { JournalLine, SessionId } from '@maverick/engine';
import type { LineFilter } from '@maverick/graph';
import type { CommandContext } from './command.js';
import { journalPlace } from './journal-place.js';

/** As many as a daemon has at hand for clients, and more. */
const MOST_LINES = 10_000;

/** What tells of processes, beginnings of the daemon included. */
const FILTER: LineFilter = {
  kinds: new Set(['began', 'state-changed', 'spawn', 'process-started', 'kill', 'process-ended', 'input', 'reply']),
  // Of the states only that a process was ready, of the inputs only what a process called.
  without: { 'state-changed': /^(?!.*"from":"spawned")/, input: /^(?!.*"caller":)/ },
};

const isOf =
  (session: SessionId) =>
  (line: JournalLine): boolean =>
    line.what === 'began' || line.what === 'reply' || line.session === session;

/**
 * What the journal tells of the processes of a session, the oldest first: all that is in its files, or, of whoever may not read
 * them, the daemon's newest lines.
 * @throws InitctlError of the journal's place
 */
export const recordedLines = async (context: CommandContext, session: SessionId): Promise<readonly JournalLine[]> => {
  const place = await journalPlace(context);
  if (place.kind === 'daemon') {
    const texts = await place.upstart.init1.journal({ lines: MOST_LINES });
    return texts.map((text) => JSON.parse(text) as JournalLine).filter(isOf(session));
  }
  const { journalLines } = await import('@maverick/graph');
  return [...journalLines(place.dir, FILTER)].filter(isOf(session));
};
