import type { JobProperties, UpstartClient } from '@maverick/dbus/client';
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

/** What it prints of one job, or of all: no line at its end. */
export const showConfigText = async (
  upstart: UpstartClient,
  name: string | undefined,
  enumerate: boolean,
  warn: (text: string) => void = () => {},
): Promise<string> => {
  const jobs = await readProperties(upstart, name);
  tellIfTooOld(jobs, warn);
  return jobs.flatMap((job) => configLines(job, enumerate)).join('\n');
};

/** `show-config [JOB]`: what each job emits, starts and stops on. Jobs that vanish meanwhile are left out. */
export const showConfig: CommandHandler = async ({ operands: [name], options, connect, output }) => {
  const text = await showConfigText(await connect(), name, options.has('enumerate'), output.error);
  if (text !== '') output.message(text);
};
