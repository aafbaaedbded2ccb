import { formatDiagnostic, type JobDefinition, resolveJobs } from '@maverick/conf';
import { readConfSources } from '@maverick/conf/files';
import type { UpstartClient } from '@maverick/dbus/client';
import { type EngineSnapshot, type SessionId, SYSTEM } from '@maverick/engine';
import type { CommandContext } from './command.js';
import { InitctlError } from './errors.js';
import { isGone } from './instance-status.js';
import { type FindStanza, stanzaFinder } from './stanza-place.js';

/** Definitions by name. */
export type Jobs = Readonly<Record<string, JobDefinition>>;

/** What a simulation begins with. */
export interface SimulationSource {
  /** The jobs of directories. Where the daemon was asked, all is in the snapshot. */
  readonly jobs: Jobs;
  readonly snapshot?: EngineSnapshot;
  readonly session: SessionId;
  /** Of directories only: a daemon does not say from which line it has something. */
  readonly findStanza?: FindStanza;
}

interface JobFiles {
  readonly jobs: Jobs;
  readonly findStanza: FindStanza;
}

/**
 * The jobs of configuration directories, the first having precedence, as the daemon reads them.
 * @param tell is told of each file that is not in order; its job is as the daemon would have it
 * @throws InitctlError `unreadable-file`
 */
const readDirectories = (directories: readonly string[], tell: (text: string) => void): JobFiles => {
  const { sources, problems } = readConfSources(directories.map((path) => ({ kind: 'directory', path })));
  const [problem] = problems;
  if (problem) throw new InitctlError('unreadable-file', { path: problem.path, reason: problem.code });
  const missing = sources.find(({ files }) => files.length === 0);
  if (missing) throw new InitctlError('no-job-files', { dir: missing.dir });
  const { jobs, diagnostics } = resolveJobs(sources);
  for (const diagnostic of diagnostics) if (diagnostic.severity === 'error') tell(formatDiagnostic(diagnostic));
  return {
    jobs: Object.fromEntries([...jobs].map(([name, { definition }]) => [name, definition])),
    findStanza: stanzaFinder(sources, jobs),
  };
};

/** As `readDirectories`, for whom it does not matter where the stanzas stand. */
export const jobsOfDirectories = (directories: readonly string[], tell: (text: string) => void): Jobs =>
  readDirectories(directories, tell).jobs;

/** The session that the client is in. Daemons that know of none have but the system's. */
const sessionOf = async ({ init1 }: UpstartClient, { options }: CommandContext): Promise<SessionId> => {
  const named = options.get('in-session');
  if (named !== undefined) return named === 'system' ? SYSTEM : named;
  try {
    return (await init1.sessions()).find(({ own }) => own)?.id ?? SYSTEM;
  } catch {
    return SYSTEM;
  }
};

/**
 * The daemon's whole state as it is now. It is only read: what is played with it is played here.
 * @throws InitctlError `not-this-daemon`
 */
const liveState = async (
  context: CommandContext,
): Promise<{ readonly snapshot: EngineSnapshot; readonly session: SessionId }> => {
  const upstart = await context.connect();
  const unknown = (cause?: unknown) => new InitctlError('not-this-daemon', { what: 'its state' }, { cause });
  try {
    const { maverick } = JSON.parse(await upstart.state()) as { readonly maverick?: EngineSnapshot };
    if (maverick === undefined) throw unknown();
    return { snapshot: maverick, session: await sessionOf(upstart, context) };
  } catch (error) {
    throw isGone(error) ? unknown(error) : error;
  }
};

/** What the command line says: directories, or the daemon. */
export const simulationSource = async (context: CommandContext): Promise<SimulationSource> => {
  const directories = context.occurrences.get('confdir') ?? [];
  if (directories.length === 0) return { jobs: {}, ...(await liveState(context)) };
  return { ...readDirectories(directories, context.output.error), session: SYSTEM };
};
