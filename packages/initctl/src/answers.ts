import type { InstanceStatus, JobProperties, ListedJob } from '@maverick/dbus/client';
import { type Condition, conditionText, operatorOf } from './condition.js';

/** What `--json` prints. Shapes are stable: keys are added, never renamed. @see docs/json.md, docs/json.schema.json */

/** An instance, or a job at rest. */
export const instanceAnswer = (job: string, status: InstanceStatus | undefined) => ({
  job,
  instance: status?.name ?? '',
  goal: status?.goal ?? 'stop',
  state: status?.state ?? 'waiting',
  processes: (status?.processes ?? []).map(({ role, pid }) => ({ role, pid })),
});

/** A job with its instances. */
export const jobAnswer = ({ name, instances }: ListedJob) => ({
  job: name,
  instances: instances.map(({ status }) => instanceAnswer(name, status)),
});

/** A `start on` or `stop on`: the expression, and its events from left to right. */
const conditionAnswer = (condition: Condition | undefined) => {
  if (condition === undefined || condition.length === 0) return null;
  const events = condition.filter(([token]) => operatorOf(token) === undefined);
  return {
    text: conditionText(condition),
    events: events.map(([event = '', ...args]) => ({ event, arguments: args })),
  };
};

/** What a job says of events. */
export const configAnswer = ({ name, emits, startOn, stopOn, while: states, staleBecauseOf }: JobProperties) => ({
  job: name,
  emits: emits ?? [],
  startOn: conditionAnswer(startOn),
  stopOn: conditionAnswer(stopOn),
  while: states || null,
  staleBecauseOf: staleBecauseOf || null,
});
