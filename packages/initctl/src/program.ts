import { basename } from 'node:path';
import type { UpstartClient } from '@maverick/dbus/client';
import { JSON_OPTION } from './added-options.js';
import type { Command, CommandContext, CommandHandler, Environment, Program, StandardFd } from './command.js';
import { COMMANDS, type CommandName, isCommandName } from './command-table.js';
import { AnsweredNo, InitctlError } from './errors.js';
import { ADDED_GLOBAL_OPTIONS, GLOBAL_OPTIONS } from './global-options.js';
import { findInit, type InitAddress } from './init-address.js';
import type { Machine } from './machine.js';
import { refuseMore } from './operands.js';
import { type OptionOccurrences, type OptionValues, type ParsedOptions, parseOptions } from './option.js';
import { createOutput, type Output, OutputClosed, type OutputPriority, type Write } from './output.js';
import { isProgramName, PROGRAMS, type ProgramName } from './program-table.js';
import { screenWidth } from './text-wrap.js';

/** What a run of the program sees of the world. */
export interface Surroundings {
  readonly env: Environment;
  readonly uid: number;
  readonly stdout: Write;
  readonly stderr: Write;
  /** The width of the terminal that standard output is, if it is one. */
  terminalColumns(): number | undefined;
  /** Is the descriptor a terminal? Default: none is. */
  isTerminal?(fd: StandardFd): boolean;
  connect(init: InitAddress): Promise<UpstartClient>;
  /** Default: the machine that this runs on. */
  readonly machine?: Machine;
}

/** What is run: a command of `initctl`, or a program of its own. */
type Target =
  | { readonly kind: 'command'; readonly name: CommandName }
  | { readonly kind: 'program'; readonly name: ProgramName };

/** What the command line asks for. */
type Request =
  | { readonly kind: 'help' | 'version'; readonly target: Target | undefined }
  | {
      readonly kind: 'run';
      readonly target: Target;
      readonly options: OptionValues;
      readonly occurrences: OptionOccurrences;
      readonly operands: readonly string[];
    };

/** The exit status that a shell reports for a program that wrote to a pipe nobody reads (128 + SIGPIPE). */
const BROKEN_PIPE_STATUS = 141;

/** They say whose jobs are meant. */
const SESSION_OPTIONS = ADDED_GLOBAL_OPTIONS.map(({ key }) => key);

/** The name a program was called by: links make it another command. A login shell's leading dash does not count. */
export const programName = (path: string): string => basename(path, '.js').replace(/^-/, '');

const requestFrom = (target: Target, parsed: ParsedOptions, earlier: OptionValues = new Map()): Request => {
  const { ending, values, occurrences, operands } = parsed;
  if (ending !== undefined) return { kind: ending, target };
  if (target.kind === 'command') {
    const { mostOperands }: Command = COMMANDS[target.name];
    refuseMore(operands, mostOperands);
  }
  return { kind: 'run', target, options: new Map([...earlier, ...values]), occurrences, operands };
};

const rowOf = ({ kind, name }: Target): Command | Program => (kind === 'command' ? COMMANDS[name] : PROGRAMS[name]);

const ALL_GLOBAL_OPTIONS = [...GLOBAL_OPTIONS, ...ADDED_GLOBAL_OPTIONS];

/** What may stand before the command; it says itself whether it takes --json. */
const OPTIONS_BEFORE = [...ALL_GLOBAL_OPTIONS, JSON_OPTION];

const optionsOf = (target: Target) => {
  if (target.kind === 'program') return rowOf(target).options;
  const { options, additions = [] }: Command = COMMANDS[target.name];
  return [...options, ...additions, ...ALL_GLOBAL_OPTIONS];
};

/** What the program's name alone says. */
const targetOf = (program: string): Target | undefined => {
  if (isCommandName(program)) return { kind: 'command', name: program };
  return isProgramName(program) ? { kind: 'program', name: program } : undefined;
};

/** @throws InitctlError for what is wrong with the command line */
const readCommandLine = (program: string, argumentList: readonly string[]): Request => {
  const own = targetOf(program);
  if (own !== undefined) return requestFrom(own, parseOptions(argumentList, optionsOf(own)));
  const { values, operands, ending } = parseOptions(argumentList, OPTIONS_BEFORE, true);
  if (ending !== undefined) return { kind: ending, target: undefined };
  const [name = '', ...rest] = operands;
  if (name === '') throw new InitctlError('missing-command', {});
  if (!isCommandName(name)) throw new InitctlError('invalid-command', { command: name });
  const target = { kind: 'command', name } as const;
  const options = optionsOf(target);
  if (values.has('json') && !options.some(({ key }) => key === 'json')) {
    throw new InitctlError('invalid-option', { option: '--json' });
  }
  return requestFrom(target, parseOptions(rest, options), values);
};

/** One run of the program. */
class Run {
  readonly #path: string;
  readonly #program: string;
  readonly #world: Surroundings;
  readonly #connections: UpstartClient[] = [];
  #operand: string | undefined;

  constructor(path: string, world: Surroundings) {
    this.#path = path;
    this.#program = programName(path);
    this.#world = world;
  }

  async perform(request: Request): Promise<void> {
    switch (request.kind) {
      case 'help':
        return this.#help(request.target);
      case 'version':
        return this.#version();
      case 'run':
        return this.#run(request);
    }
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  #columns(): number {
    return screenWidth(this.#world.env.COLUMNS, this.#world.terminalColumns());
  }

  async #help(target: Target | undefined): Promise<void> {
    const { commandHelp, initctlHelp, programHelp } = await import('./help.js');
    const [program, columns] = [this.#program, this.#columns()];
    const text = (): string => {
      if (target === undefined) return initctlHelp(program, columns);
      return target.kind === 'command' ? commandHelp(program, target.name, columns) : programHelp(target.name, columns);
    };
    this.#world.stdout(`${text()}\n`);
  }

  async #version(): Promise<void> {
    const { versionText } = await import('./help.js');
    this.#world.stdout(`${versionText(this.#program)}\n`);
  }

  async #run({ target, options, occurrences, operands }: Extract<Request, { kind: 'run' }>): Promise<void> {
    this.#operand = operands[0] ?? this.#world.env.UPSTART_JOB;
    const priority = (options.get('priority') ?? 'message') as OutputPriority;
    const { env, uid } = this.#world;
    const output = createOutput(this.#program, priority, this.#world, options.has('json'));
    const ownInit = (): InitAddress => findInit(options, env, uid);
    const handler: CommandHandler = await rowOf(target).load();
    const context: CommandContext = {
      program: this.#program,
      options,
      occurrences,
      operands,
      env,
      uid,
      output,
      columns: () => this.#columns(),
      writeRaw: (fd, text) => this.#world[fd === 1 ? 'stdout' : 'stderr'](text),
      isTerminal: (fd) => this.#isTerminal(fd),
      hasColours: (fd) => this.#isTerminal(fd) && env.TERM !== 'dumb' && (env.NO_COLOR ?? '') === '',
      isUserSession: () => ownInit().kind === 'session-init',
      connect: async (init) => {
        const upstart = await this.#connect(init ?? ownInit());
        if (init !== undefined || !SESSION_OPTIONS.some((key) => options.has(key))) return upstart;
        return (await import('./daemon-session.js')).chooseSession(upstart, options);
      },
      machine: () => this.#machine(output),
    };
    await handler(context);
  }

  #isTerminal(fd: StandardFd): boolean {
    return this.#world.isTerminal?.(fd) ?? false;
  }

  /** Tell a person what to do about an error. Whatever goes wrong with that is no news. */
  async suggest(error: unknown): Promise<void> {
    if (!this.#isTerminal(2)) return;
    try {
      const { nextSteps } = await import('./next-step.js');
      const steps = await nextSteps(error, this.#operand, this.#connections.at(-1));
      if (steps.length > 0) this.#world.stderr(`${steps.join('\n')}\n`);
    } catch {}
  }

  async #connect(init: InitAddress): Promise<UpstartClient> {
    const connection = await this.#world.connect(init);
    this.#connections.push(connection);
    return connection;
  }

  async #machine(output: Output): Promise<Machine> {
    if (this.#world.machine !== undefined) return this.#world.machine;
    const { thisMachine } = await import('./machine.js');
    return thisMachine(this.#program, this.#path, output.print);
  }
}

/** Tell what went wrong; where nobody can be told, the exit status has to do. */
const report = (program: string, error: unknown, { stdout, stderr }: Surroundings): void => {
  const output = createOutput(program, 'message', { stdout, stderr });
  try {
    output.error(error instanceof Error ? error.message : String(error));
    if (error instanceof InitctlError && error.hint) stderr(`Try \`${program} --help' for more information.\n`);
  } catch {}
};

/**
 * Run `initctl`, or the command or program that the name says.
 * @param path how the program was called (`argv[0]` of a program in C)
 * @param argumentList what follows on the command line
 * @returns the exit status: 0, 1 for every failure
 */
export const runProgram = async (
  path: string,
  argumentList: readonly string[],
  world: Surroundings,
): Promise<number> => {
  const program = programName(path);
  const run = new Run(path, world);
  try {
    await run.perform(readCommandLine(program, argumentList));
    return 0;
  } catch (error) {
    if (error instanceof OutputClosed) return BROKEN_PIPE_STATUS;
    if (!(error instanceof AnsweredNo)) {
      report(program, error, world);
      await run.suggest(error);
    }
    return 1;
  } finally {
    run.close();
  }
};
