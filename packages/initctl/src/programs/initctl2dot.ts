import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { CommandContext, CommandHandler } from '../command.js';
import { enumeratedConfig } from '../commands/show-config.js';
import { type Colors, type GraphJob, graphText, InvalidLine, readGraph } from '../dot.js';
import { AnsweredNo } from '../errors.js';
import { BUS_NAME, type InitAddress } from '../init-address.js';
import type { ColorOf } from '../option.js';
import { DEFAULT_COLORS } from '../scripts.js';

/** What is wrong, after `ERROR: `. */
class Refusal extends Error {}

/** Which init is drawn: that of a session, or of the system. */
const sessionOf = ({ options, env }: CommandContext): string | undefined =>
  options.has('system') ? undefined : env.UPSTART_SESSION || (options.has('user') ? '' : undefined);

const commandOf = (session: string | undefined): string =>
  session === undefined ? 'initctl --system show-config -e' : 'initctl show-config -e';

const ask = async ({ connect }: CommandContext, session: string | undefined): Promise<string> => {
  const init: InitAddress =
    session === undefined ? { kind: 'bus', bus: 'system', name: BUS_NAME } : { kind: 'session-init', address: session };
  try {
    return await enumeratedConfig(await connect(init));
  } catch (error) {
    throw new Refusal(`cannot run '${commandOf(session)}'`, { cause: error });
  }
};

const readInput = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Refusal(`cannot read file '${file}'`, { cause: error });
  }
};

const restrict = (jobs: readonly GraphJob[], names: readonly string[]): GraphJob[] =>
  names.map((name) => {
    const job = jobs.find((candidate) => candidate.name === name);
    if (job === undefined) throw new Refusal(`unknown job ${name}`);
    return job;
  });

const digits = (value: number, count = 2): string => String(value).padStart(count, '0');

const dateText = (now: Date): string =>
  `${now.getFullYear()}-${digits(now.getMonth() + 1)}-${digits(now.getDate())} ${digits(now.getHours())}:${digits(now.getMinutes())}:${digits(now.getSeconds())}.${digits(now.getMilliseconds(), 3)}000`;

const titleOf = ({ program, options }: CommandContext, session: string | undefined): string => {
  const whose = session === undefined ? 'the system' : `session '${session}'`;
  const subset = options.has('restrict') ? 'subset, ' : '';
  const source = options.has('file') ? 'file data' : `'${commandOf(session)}' on host ${hostname()}`;
  return `Generated on ${dateText(new Date())} by ${program} for ${whose} (${subset}from ${source}).`;
};

const colorsOf = ({ options }: CommandContext): Colors =>
  Object.fromEntries(
    (Object.keys(DEFAULT_COLORS) as ColorOf[]).map((of) => [of, options.get(`color-${of}`) ?? DEFAULT_COLORS[of]]),
  ) as Colors;

const DEFAULT_FILE = 'upstart.dot';

const write = ({ options, output }: CommandContext, text: string): void => {
  const file = options.get('outfile') ?? DEFAULT_FILE;
  try {
    if (file === '-') output.print(text.trimEnd());
    else writeFileSync(file, text);
  } catch (error) {
    throw new Refusal(`cannot open file ${file} for writing`, { cause: error });
  }
};

const draw = async (context: CommandContext): Promise<void> => {
  const { options } = context;
  const session = sessionOf(context);
  const file = options.get('file');
  const jobs = readGraph(file === undefined ? await ask(context, session) : readInput(file));
  const names = options.get('restrict')?.split(',');
  const shown = names === undefined ? jobs : restrict(jobs, names);
  write(context, graphText(shown, { colors: colorsOf(context), title: titleOf(context, session) }));
};

/** `initctl2dot`: jobs and events as a graph. @see initctl2dot(8) */
export const initctl2dot: CommandHandler = async (context) => {
  try {
    await draw(context);
  } catch (error) {
    if (error instanceof InvalidLine) context.output.complain(`ERROR: invalid line: ${error.message}`);
    else if (error instanceof Refusal) context.output.complain(`ERROR: ${error.message}`);
    else throw error;
    throw new AnsweredNo();
  }
};
