import { implement } from './implementation.js';
import type { InstanceCall } from './instance.js';
import { INIT1_INSTANCE } from './interfaces.js';

/** `org.maverick.Init1.Instance`: what the original lacks, of an instance. */
export const init1Instance = implement<typeof INIT1_INSTANCE, InstanceCall>(
  INIT1_INSTANCE,
  {},
  {
    paused: { get: ({ model, instance: { ref } }) => model.paused?.(ref.job, ref.instance) ?? [] },
    stale_because_of: { get: ({ model, instance: { ref } }) => model.staleBecauseOf?.(ref.job) ?? '' },
  },
);
