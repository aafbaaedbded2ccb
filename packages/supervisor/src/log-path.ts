import { join } from 'node:path';
import type { InstanceRef } from '@maverick/engine';

const fileName = (name: string): string => name.replaceAll('/', '_');

/**
 * The log file of an instance, the same for all of its processes: `CLASS.log` or `CLASS-INSTANCE.log`, where a `/` in a
 * name becomes `_`.
 * @see spec: engine.md section 6
 */
export const logPath = (logDir: string, { job, instance }: InstanceRef): string =>
  join(logDir, `${fileName(instance === '' ? job : `${job}-${instance}`)}.log`);
