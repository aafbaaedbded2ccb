import { fdEnvironment } from './passed-fds.js';
import type { ProcessSpec } from './process-spec.js';

const nameOf = (entry: string): string => entry.split('=', 1)[0] ?? entry;

/**
 * The environment of a process: exactly what was given, but for the variables that tell of what it was given beside it.
 * Those replace entries of the same name.
 */
export const environmentOf = (spec: ProcessSpec): readonly string[] => {
  const own = [
    ...fdEnvironment(spec),
    ...(spec.notifySocket === undefined ? [] : [`NOTIFY_SOCKET=${spec.notifySocket}`]),
  ];
  if (own.length === 0) return spec.env;
  const names = new Set(own.map(nameOf));
  return [...spec.env.filter((entry) => !names.has(nameOf(entry))), ...own];
};
