import type { ListedJob } from '@maverick/dbus/client';
import type { CommandHandler } from '../command.js';
import { statusLine } from '../status-line.js';

const linesOf = ({ name, instances }: ListedJob): string[] =>
  instances.length === 0
    ? [statusLine(name, undefined)]
    : instances.map((instance) => statusLine(name, instance.status));

/** `list`: a line for each instance, or for the job if it has none. */
export const list: CommandHandler = async (context) => {
  const upstart = await context.connect();
  const lines = (await upstart.list()).flatMap(linesOf);
  if (lines.length > 0) context.output.message(lines.join('\n'));
};
