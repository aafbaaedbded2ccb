import type { JobProperties, RemoteJob } from '@maverick/dbus/client';
import type { CommandHandler } from '../command.js';
import { type Condition, conditionEvents, conditionEventText, conditionText } from '../condition.js';
import { isGone, unless } from '../instance-status.js';

const conditionLines = (stanza: string, condition: Condition | undefined, enumerate: boolean): string[] => {
  if (condition === undefined || condition.length === 0) return [];
  const texts = enumerate ? conditionEvents(condition).map(conditionEventText) : [conditionText(condition)];
  return texts.map((text) => `  ${stanza} ${text}`);
};

const configLines = ({ name, emits, startOn, stopOn }: JobProperties, enumerate: boolean): string[] => [
  name,
  ...(emits ?? []).map((event) => `  emits ${event}`),
  ...conditionLines('start on', startOn, enumerate),
  ...conditionLines('stop on', stopOn, enumerate),
];

/** `show-config [JOB]`: what each job emits, starts and stops on. Jobs that vanish meanwhile are left out. */
export const showConfig: CommandHandler = async ({ operands, options, connect, output }) => {
  const [name] = operands;
  const upstart = await connect();
  const jobs: RemoteJob[] = name === undefined ? await upstart.jobs() : [await upstart.job(name)];
  const properties = await Promise.all(jobs.map((job) => unless(isGone, job.properties())));
  const lines = properties.flatMap((job) => (job === undefined ? [] : configLines(job, options.has('enumerate'))));
  if (lines.length > 0) output.message(lines.join('\n'));
};
