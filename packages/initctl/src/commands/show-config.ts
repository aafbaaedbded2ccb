import type { JobProperties, UpstartClient } from '@maverick/dbus/client';
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

/** The properties of one job, or of all; of those that have vanished meanwhile, nothing. */
const readProperties = async (upstart: UpstartClient, name: string | undefined): Promise<JobProperties[]> => {
  if (name === undefined) return (await upstart.definitions()).map(({ properties }) => properties);
  const properties = await unless(isGone, (await upstart.job(name)).properties());
  return properties === undefined ? [] : [properties];
};

/** Upstart before 1.3 does not tell what a job starts and stops on, and nothing at all would look like "never". */
const TOO_OLD = 'the init daemon is too old to tell what jobs emit, start on and stop on';

const isIncomplete = ({ emits, startOn, stopOn }: JobProperties): boolean =>
  emits === undefined || startOn === undefined || stopOn === undefined;

/** `show-config [JOB]`: what each job emits, starts and stops on. Jobs that vanish meanwhile are left out. */
export const showConfig: CommandHandler = async ({ operands: [name], options, connect, output }) => {
  const jobs = await readProperties(await connect(), name);
  if (jobs.some(isIncomplete)) output.error(TOO_OLD);
  const lines = jobs.flatMap((job) => configLines(job, options.has('enumerate')));
  if (lines.length > 0) output.message(lines.join('\n'));
};
