import { type ReversePolishVariants, toRpnVariants } from '@maverick/conf';
import { notSupported } from './call.js';
import { implement } from './implementation.js';
import { INIT1_JOB } from './interfaces.js';
import type { JobCall } from './job.js';
import { instancePath } from './object-path.js';
import { showStates } from './states.js';
import type { Variant } from './value.js';

/** The form of the 2010 plan: `[("started",["dbus"]), ("started",["apache"]), "AND"]`. */
const inVariants = (list: ReversePolishVariants): Variant[] =>
  list.map((part) =>
    typeof part === 'string' ? { signature: 's', value: part } : { signature: '(sas)', value: part },
  );

/** `org.maverick.Init1.Job`: what the original lacks, of a job class. */
export const init1Job = implement<typeof INIT1_JOB, JobCall>(
  INIT1_JOB,
  {
    LogFile: ({ model, job }, [instance], answer) => {
      if (!model.logFile) throw notSupported('LogFile');
      answer(model.logFile(job.name, instance) ?? '');
    },
  },
  {
    start_on: { get: ({ job }) => inVariants(toRpnVariants(job.definition.startOn)) },
    stop_on: { get: ({ job }) => inVariants(toRpnVariants(job.definition.stopOn)) },
    while: { get: ({ job }) => showStates(job.definition.while) },
    stale_because_of: { get: ({ model, job }) => model.staleBecauseOf?.(job.name) ?? '' },
    file: { get: ({ model, job }) => model.filesOf?.(job.name)?.file ?? '' },
    override_file: { get: ({ model, job }) => model.filesOf?.(job.name)?.override ?? '' },
    instances: { get: ({ job }) => job.instances.map(({ ref }) => instancePath(ref)) },
  },
);
