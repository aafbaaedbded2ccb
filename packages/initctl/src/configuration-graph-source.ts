import { type StateExpression, toRpn } from '@maverick/conf';
import type { JobProperties } from '@maverick/dbus/client';
import { type ConditionEvent, configurationGraph, type DependencyGraph, type GraphedJob } from '@maverick/graph';
import type { CommandContext } from './command.js';
import { type Condition, conditionEvents } from './condition.js';
import { jobsOfDirectories } from './simulation-source.js';
import { jobsOfStates } from './tree.js';

const eventsOf = (condition: Condition = []): ConditionEvent[] =>
  conditionEvents(condition).map(({ event, job }) => (job === undefined ? { event } : { event, job }));

const ofProperties = ({ name, startOn, stopOn, emits = [], while: states }: JobProperties): GraphedJob => ({
  name,
  emits,
  startOn: eventsOf(startOn),
  stopOn: eventsOf(stopOn),
  while: states ? jobsOfStates(states) : [],
});

/** The jobs that a `while` names, whether it wants them up or not. */
const statesOf = (expression: StateExpression): string[] => {
  switch (expression.kind) {
    case 'term':
      return [expression.job];
    case 'not':
      return statesOf(expression.operand);
    default:
      return [...statesOf(expression.left), ...statesOf(expression.right)];
  }
};

const ofDirectories = (directories: readonly string[], { output }: CommandContext): GraphedJob[] =>
  Object.entries(jobsOfDirectories(directories, output.error)).map(
    ([name, { startOn, stopOn, emits, while: states }]) => ({
      name,
      emits,
      startOn: eventsOf(toRpn(startOn)),
      stopOn: eventsOf(toRpn(stopOn)),
      while: states ? statesOf(states) : [],
    }),
  );

/**
 * The graph of the jobs as they are defined: in the daemon, or in the directories that `--confdir` names.
 * @throws InitctlError `unreadable-file`, `no-job-files`, `cannot-connect`
 */
export const readConfigurationGraph = async (context: CommandContext): Promise<DependencyGraph> => {
  const directories = context.occurrences.get('confdir') ?? [];
  if (directories.length > 0) {
    return configurationGraph(ofDirectories(directories, context), directories.join(', '));
  }
  const definitions = await (await context.connect()).definitions();
  return configurationGraph(
    definitions.map(({ properties }) => ofProperties(properties)),
    'What leads to what',
  );
};
