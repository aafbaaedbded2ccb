import { type ConfLocation, type ConfSource, type Diagnostic, type ResolvedJob, resolveJobs } from '@maverick/conf';
import { type ReadProblem, readConfSources } from '@maverick/conf/files';
import type { ConfigurationDiagnostic, ConfiguredJob, ReadConfiguration } from './configuration.js';

/** The place in the order of priority of each file, by its path. */
const priorities = (sources: readonly ConfSource[]): Map<string, number> => {
  const places = new Map<string, number>();
  for (const [priority, { dir, files }] of sources.entries()) {
    for (const { path } of files) if (!places.has(`${dir}/${path}`)) places.set(`${dir}/${path}`, priority);
  }
  return places;
};

const configuredJob = ({ name, definition, file, override }: ResolvedJob, priority: number): ConfiguredJob => ({
  name,
  definition,
  path: file,
  ...(override === undefined ? {} : { overridePath: override }),
  priority,
});

const unreadable = ({ path, message }: ReadProblem): ConfigurationDiagnostic => ({
  severity: 'error',
  path,
  message: message.slice(`${path}: `.length),
});

const toDiagnostic = ({ file: path = '', severity, line, column, message, expected }: Diagnostic) => ({
  severity,
  path,
  line,
  column,
  message,
  expected,
});

const locationOf = (place: string | ConfLocation): ConfLocation =>
  typeof place === 'string' ? { kind: 'directory', path: place } : place;

/** Read configuration directories from the file system. @see spec: config-language.md section 5 */
export const readConfigurationFiles: ReadConfiguration = (places) => {
  const { sources, problems } = readConfSources(places.map(locationOf));
  const { jobs, diagnostics } = resolveJobs(sources);
  const priorityOf = priorities(sources);
  return {
    jobs: [...jobs.values()].map((job) => configuredJob(job, priorityOf.get(job.file) ?? sources.length)),
    diagnostics: [...problems.map(unreadable), ...diagnostics.map(toDiagnostic)],
  };
};
