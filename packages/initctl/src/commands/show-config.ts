import type { JobProperties, UpstartClient } from '@maverick/dbus/client';
import { configAnswer } from '../answers.js';
import type { CommandHandler } from '../command.js';
import { type Condition, conditionEvents, conditionEventText, conditionText } from '../condition.js';
import { isGone, unless } from '../instance-status.js';
import { tellIfTooOld } from '../too-old.js';

const conditionLines = (stanza: string, condition: Condition | undefined, enumerate: boolean): string[] => {
  if (condition === undefined || condition.length === 0) return [];
  const texts = enumerate ? conditionEvents(condition).map(conditionEventText) : [conditionText(condition)];
  return texts.map((text) => `  ${stanza} ${text}`);
};

const configLines = ({ name, emits, startOn, stopOn, staleBecauseOf }: JobProperties, enumerate: boolean): string[] => [
  name,
  ...(emits ?? []).map((event) => `  emits ${event}`),
  ...conditionLines('start on', startOn, enumerate),
  ...conditionLines('stop on', stopOn, enumerate),
  ...(staleBecauseOf ? [`  # stale: the last good definition, because of an error in ${staleBecauseOf}`] : []),
];

/** The properties of one job, or of all; of those that have vanished meanwhile, nothing. */
const readProperties = async (upstart: UpstartClient, name: string | undefined): Promise<JobProperties[]> => {
  if (name === undefined) return (await upstart.definitions()).map(({ properties }) => properties);
  const properties = await unless(isGone, (await upstart.job(name)).properties());
  return properties === undefined ? [] : [properties];
};

const configText = (jobs: readonly JobProperties[], enumerate: boolean): string =>
  jobs.flatMap((job) => configLines(job, enumerate)).join('\n');

/** What `show-config -e` prints of all jobs: no line at its end. */
export const enumeratedConfig = async (upstart: UpstartClient): Promise<string> =>
  configText(await readProperties(upstart, undefined), true);

/** `show-config [JOB]`: what each job emits, starts and stops on. Jobs that vanish meanwhile are left out. */
export const showConfig: CommandHandler = async ({ operands: [name], options, connect, output }) => {
  const jobs = await readProperties(await connect(), name);
  tellIfTooOld(jobs, output.error);
  output.answer(
    () => ({ jobs: jobs.map(configAnswer) }),
    () => configText(jobs, options.has('enumerate')),
  );
};
