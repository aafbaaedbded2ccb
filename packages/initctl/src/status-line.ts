import { oneLine } from '@maverick/conf';
import type { InstanceStatus, RemoteProcess } from '@maverick/dbus/client';

/** The processes after whose end the instance goes on: the first one on the line needs no name. */
const UNNAMED_ROLES: ReadonlySet<string> = new Set(['main', 'pre-start', 'post-stop']);

const processText = ([first, ...others]: readonly RemoteProcess[]): string => {
  if (first === undefined) return '';
  const name = UNNAMED_ROLES.has(first.role) ? '' : `(${first.role}) `;
  const more = others.map(({ role, pid }) => `\n\t${role} process ${pid}`);
  return `, ${name}process ${first.pid}${more.join('')}`;
};

/**
 * The line that `status`, `list` and every command on a job print, and that scripts take apart:
 * `NAME[ (INSTANCE)] GOAL/STATE[, PROCESS]`, each further process on a line of its own. Control characters of names are
 * spelt as in C: they are of whoever has started it, who is not to write lines, or to a terminal.
 * @param status `undefined` where there is no instance, or none any more
 * @see initctl(8), "status"
 */
export const statusLine = (job: string, status: InstanceStatus | undefined): string => {
  if (status === undefined) return `${oneLine(job)} stop/waiting`;
  const name = status.name === '' ? job : `${job} (${status.name})`;
  return `${oneLine(name)} ${status.goal}/${status.state}${processText(status.processes)}`;
};

/**
 * What `status` adds to its line, a line each: what somebody would otherwise wonder about.
 * @param staleBecauseOf the broken file because of which an older definition counts; none where it is empty or not known
 */
export const statusNotes = (paused: readonly RemoteProcess[], staleBecauseOf: string | undefined): string[] => [
  ...paused.map(({ role, pid }) => `\t${role} process ${pid} paused for debug: kill -CONT ${pid} lets it go on`),
  ...(staleBecauseOf ? [`\tstale: the last good definition is in use, because of an error in ${staleBecauseOf}`] : []),
];
