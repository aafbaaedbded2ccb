import type { InstanceStatus, UpstartClient } from '@maverick/dbus/client';
import type { Explanation } from '@maverick/engine';
import { cellsOf, printable } from './cells.js';
import { type Colour, painter } from './colours.js';
import type { CommandContext } from './command.js';
import { durationText, monotonicMs, wallText } from './duration.js';
import type { FoundJob } from './job-reference.js';
import { wrapText } from './text-wrap.js';

/** A line of the journal, as far as it is looked at here. */
interface JournalLine {
  readonly at: number;
  readonly time: string;
  readonly what: string;
  readonly role?: string;
  readonly pid?: number;
  readonly status?: ExitAnswer;
}

/** How a process ended. */
type ExitAnswer =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: number }
  | { readonly kind: 'unknown' };

/** More of a job or an instance than its line says. What the daemon does not tell is null. */
export interface StatusDetails {
  /** Since when it is in its state, local wall clock as ISO 8601 in UTC. */
  readonly since: string | null;
  readonly sinceSeconds: number | null;
  /** How often the main process was started again since the instance began, as far as the journal goes back. */
  readonly restarts: number | null;
  /** Whether the journal goes back that far: else there may have been more. */
  readonly restartsComplete: boolean;
  readonly lastExit: {
    readonly role: string;
    readonly pid: number;
    readonly time: string;
    readonly status: ExitAnswer;
  } | null;
  /** Why it is as it is. */
  readonly why: readonly string[];
  readonly logFile: string | null;
}

/** As many lines of a kind as the journal has at hand. */
const MANY = 1000;

/** Another daemon, or another user: what is not told is left out. */
const ifTold = async <T>(call: Promise<T>): Promise<T | undefined> => {
  try {
    return await call;
  } catch {
    return undefined;
  }
};

const journalOf = async (upstart: UpstartClient, job: string, instance: string | undefined, what: string) => {
  const query = { job, what, lines: MANY, ...(instance === undefined ? {} : { instance }) };
  const lines = await ifTold(upstart.init1.journal(query));
  return lines?.map((line) => JSON.parse(line) as JournalLine);
};

const restartsOf = (begins: readonly JournalLine[] | undefined, respawns: readonly JournalLine[] | undefined) => {
  if (begins === undefined || respawns === undefined) return null;
  const begin = begins.at(-1)?.at ?? 0;
  return respawns.filter(({ at }) => at >= begin).length;
};

const sinceOf = (details: Omit<Explanation, 'sentences'> | undefined): number | undefined => {
  const { kind, since, idleSince } = (details ?? {}) as { kind?: string; since?: number; idleSince?: number };
  return kind === 'instance' ? since : idleSince;
};

const readDetails = async (
  { upstart, job, reference }: FoundJob,
  status: InstanceStatus | undefined,
): Promise<StatusDetails> => {
  const name = reference.job;
  const instance = status?.name;
  const [explained, begins, respawns, ends, logFile] = await Promise.all([
    ifTold(upstart.init1.explain(name, instance)),
    journalOf(upstart, name, instance, 'instance-added'),
    journalOf(upstart, name, instance, 'job-respawning'),
    journalOf(upstart, name, instance, 'process-ended'),
    ifTold(job.logFile(instance ?? '')),
  ]);
  const since = sinceOf(explained?.details);
  const sinceMs = since === undefined ? undefined : Math.max(0, monotonicMs() - since);
  const last = ends?.findLast(({ role }) => role === 'main') ?? ends?.at(-1);
  return {
    since: sinceMs === undefined ? null : new Date(Date.now() - sinceMs).toISOString(),
    sinceSeconds: sinceMs === undefined ? null : Math.round(sinceMs) / 1000,
    restarts: status === undefined ? null : restartsOf(begins, respawns),
    restartsComplete: (begins?.length ?? 0) > 0,
    lastExit:
      (last && {
        role: last.role ?? 'main',
        pid: last.pid ?? 0,
        time: last.time,
        status: last.status ?? { kind: 'unknown' },
      }) ||
      null,
    // The first sentence is the status line in other words.
    why: (explained?.sentences ?? []).slice(1),
    logFile: logFile || null,
  };
};

const exitText = (status: ExitAnswer): string => {
  if (status.kind === 'exited') return `exit status ${status.code}`;
  return status.kind === 'signalled' ? `killed by signal ${status.signal}` : 'nobody knows how';
};

const isFailure = (status: ExitAnswer): boolean => status.kind !== 'exited' || status.code !== 0;

const ago = (time: string): string => `${durationText(Date.now() - Date.parse(time))} ago`;

/** Label and text of each line, and the text's colour. */
type Row = readonly [label: string, text: string, colour?: Colour | undefined];

const rowsOf = (details: StatusDetails, status: InstanceStatus | undefined): Row[] => {
  const { since, sinceSeconds, restarts, restartsComplete, lastExit, why, logFile } = details;
  const rows: Row[] = [];
  if (since !== null && sinceSeconds !== null) {
    const label = status === undefined ? 'down for' : status.state === 'running' ? 'up for' : 'so for';
    rows.push([label, `${durationText(sinceSeconds * 1000)}, since ${wallText(new Date(since))}`]);
  }
  if (restarts !== null)
    rows.push([
      'restarts',
      restartsComplete ? String(restarts) : `${restarts} or more`,
      restarts > 0 ? 'busy' : undefined,
    ]);
  if (lastExit !== null) {
    const { role, pid, time } = lastExit;
    const text = `${exitText(lastExit.status)} (${role} process ${pid}), ${ago(time)}`;
    rows.push(['last exit', text, isFailure(lastExit.status) ? 'bad' : undefined]);
  }
  for (const [index, sentence] of why.entries()) rows.push([index === 0 ? 'why' : '', sentence]);
  if (logFile !== null) rows.push(['log', logFile]);
  return rows;
};

const LABEL_CELLS = 11;
const TAB_CELLS = 8;
/** A narrower column than this is not one. */
const NARROWEST = 20;

/** What is too wide for a terminal goes on below itself; a pipe gets it as it is. */
const linesOf = (context: CommandContext, [label, text, colour]: Row): string[] => {
  const paint = painter(context.hasColours(1));
  const room = Math.max(NARROWEST, context.columns() - TAB_CELLS - LABEL_CELLS);
  const shown = printable(text);
  const parts = context.isTerminal(1) ? wrapText(shown, room, 0, cellsOf) : [shown];
  return parts.map((part, index) => {
    const before = paint('bold', (index === 0 ? label : '').padEnd(LABEL_CELLS));
    return `\t${before}${colour === undefined ? part : paint(colour, part)}`;
  });
};

/** What `status` tells of a job or an instance beside its line: as data, and as lines after a tab each. */
export const statusDetails = async (
  context: CommandContext,
  found: FoundJob,
  status: InstanceStatus | undefined,
): Promise<{ readonly data: StatusDetails; readonly lines: readonly string[] }> => {
  const data = await readDetails(found, status);
  return { data, lines: rowsOf(data, status).flatMap((row) => linesOf(context, row)) };
};
