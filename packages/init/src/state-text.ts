import { instancePath, jobPath } from '@maverick/dbus';
import { SYSTEM } from '@maverick/engine';
import type { Supervisor } from '@maverick/supervisor';
import { stateDocument } from './state-document.js';

/**
 * The whole state as JSON text, for `GetState`: the original's document, and under `maverick` our own snapshot.
 * @see spec: dbus-api.md 5.1
 */
export const stateText = (supervisor: Supervisor): string => {
  const snapshot = supervisor.snapshot();
  const document = stateDocument(snapshot, supervisor.environment(), {
    job: (name) => jobPath(name, SYSTEM),
    instance: (job, instance) => instancePath({ session: SYSTEM, job, instance }),
  });
  return JSON.stringify({ ...document, maverick: snapshot });
};
