import { type ConfLocation, type ConfSource, type Diagnostic, type ResolvedJob, resolveJobs } from '@maverick/conf';
import { type ReadProblem, type ReadSources, readConfSources } from '@maverick/conf/files';
import type {
  ConfigurationDiagnostic,
  ConfigurationReading,
  ConfiguredJob,
  ReadConfiguration,
} from './configuration.js';

/** The place in the order of priority of each file, by its path. */
const priorities = (sources: readonly ConfSource[]): Map<string, number> => {
  const places = new Map<string, number>();
  for (const [priority, { dir, files }] of sources.entries()) {
    for (const { path } of files) if (!places.has(`${dir}/${path}`)) places.set(`${dir}/${path}`, priority);
  }
  return places;
};

/** `env PORT`, `nice`: the stanzas of the override that count, each once. */
const overriddenStanzas = (origins: ResolvedJob['origins']): string[] => {
  const own = origins.filter(({ from }) => from === 'override');
  return [...new Set(own.map(({ stanza, key }) => (key === undefined ? stanza : `${stanza} ${key}`)))];
};

const configuredJob = (
  { name, definition, file, override, origins }: ResolvedJob,
  priority: number,
): ConfiguredJob => ({
  name,
  definition,
  path: file,
  ...(override === undefined ? {} : { overridePath: override, overridden: overriddenStanzas(origins) }),
  priority,
});

/** What is not there is no broken file: a link that leads nowhere is as good as none. */
const unreadable = ({ path, code, message }: ReadProblem): ConfigurationDiagnostic => ({
  severity: code === 'ENOENT' ? 'warning' : 'error',
  path,
  message: message.slice(`${path}: `.length),
  code,
});

const toDiagnostic = ({ file: path = '', severity, line, column, message, expected }: Diagnostic) => ({
  severity,
  path,
  line,
  column,
  message,
  expected,
});

/** A file that isn't a job file at all has a mistake in every line: nobody reads them all. */
const MOST_ERRORS = 20;

/** Leave out the errors of a file beyond the first ones, and say how many there are. */
const limitErrors = (diagnostics: readonly ConfigurationDiagnostic[]): ConfigurationDiagnostic[] => {
  const errors = new Map<string, number>();
  const kept = diagnostics.filter(({ severity, path }) => {
    if (severity !== 'error') return true;
    const count = (errors.get(path) ?? 0) + 1;
    errors.set(path, count);
    return count <= MOST_ERRORS;
  });
  const more = [...errors].filter(([, count]) => count > MOST_ERRORS);
  return [
    ...kept,
    ...more.map(
      ([path, count]) => ({ severity: 'error', path, message: `${count - MOST_ERRORS} more errors` }) as const,
    ),
  ];
};

export const locationOf = (place: string | ConfLocation): ConfLocation =>
  typeof place === 'string' ? { kind: 'directory', path: place } : place;

/** The jobs that files define, with all that is wrong with them. */
export const readingOf = ({ sources, problems }: ReadSources): ConfigurationReading => {
  const { jobs, diagnostics } = resolveJobs(sources);
  const priorityOf = priorities(sources);
  return {
    jobs: [...jobs.values()].map((job) => configuredJob(job, priorityOf.get(job.file) ?? sources.length)),
    diagnostics: [...problems.map(unreadable), ...limitErrors(diagnostics.map(toDiagnostic))],
  };
};

/** Read configuration directories from the file system. @see spec: config-language.md section 5 */
export const readConfigurationFiles: ReadConfiguration = (places) => readingOf(readConfSources(places.map(locationOf)));
