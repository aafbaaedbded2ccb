import { basename } from 'node:path';
import type { UpstartClient } from '@maverick/dbus/client';
import type { Command, CommandContext, Environment } from './command.js';
import { COMMANDS, type CommandName, isCommandName } from './command-table.js';
import { AnsweredNo, InitctlError } from './errors.js';
import { GLOBAL_OPTIONS } from './global-options.js';
import { findInit, type InitAddress } from './init-address.js';
import { type OptionValues, type ParsedOptions, parseOptions } from './option.js';
import { createOutput, OutputClosed, type OutputPriority, type Write } from './output.js';
import { screenWidth } from './text-wrap.js';

/** What a run of the program sees of the world. */
export interface Surroundings {
  readonly env: Environment;
  readonly uid: number;
  readonly stdout: Write;
  readonly stderr: Write;
  /** The width of the terminal that standard output is, if it is one. */
  terminalColumns(): number | undefined;
  connect(init: InitAddress): Promise<UpstartClient>;
}

/** What the command line asks for. */
type Request =
  | { readonly kind: 'help' | 'version'; readonly command: CommandName | undefined }
  | {
      readonly kind: 'command';
      readonly command: CommandName;
      readonly options: OptionValues;
      readonly operands: readonly string[];
    };

/** The exit status that a shell reports for a program that wrote to a pipe nobody reads (128 + SIGPIPE). */
const BROKEN_PIPE_STATUS = 141;

/** The name a program was called by: links make it another command. A login shell's leading dash does not count. */
export const programName = (path: string): string => basename(path, '.js').replace(/^-/, '');

const requestFrom = (command: CommandName, parsed: ParsedOptions, earlier: OptionValues): Request => {
  if (parsed.ending !== undefined) return { kind: parsed.ending, command };
  return { kind: 'command', command, options: new Map([...earlier, ...parsed.values]), operands: parsed.operands };
};

/** @throws InitctlError for what is wrong with the command line */
const readCommandLine = (program: string, argumentList: readonly string[]): Request => {
  const optionsOf = (name: CommandName) => [...(COMMANDS[name] satisfies Command).options, ...GLOBAL_OPTIONS];
  if (isCommandName(program)) {
    return requestFrom(program, parseOptions(argumentList, optionsOf(program)), new Map());
  }
  const { values, operands, ending } = parseOptions(argumentList, GLOBAL_OPTIONS, true);
  if (ending !== undefined) return { kind: ending, command: undefined };
  const [name = '', ...rest] = operands;
  if (name === '') throw new InitctlError('missing-command', {});
  if (!isCommandName(name)) throw new InitctlError('invalid-command', { command: name });
  return requestFrom(name, parseOptions(rest, optionsOf(name)), values);
};

/** One run of the program. */
class Run {
  readonly #program: string;
  readonly #world: Surroundings;
  #connection: UpstartClient | undefined;

  constructor(program: string, world: Surroundings) {
    this.#program = program;
    this.#world = world;
  }

  async perform(request: Request): Promise<void> {
    switch (request.kind) {
      case 'help':
        return this.#help(request.command);
      case 'version':
        return this.#version();
      case 'command':
        return this.#command(request);
    }
  }

  close(): void {
    this.#connection?.close();
  }

  #columns(): number {
    return screenWidth(this.#world.env.COLUMNS, this.#world.terminalColumns());
  }

  async #help(command: CommandName | undefined): Promise<void> {
    const { commandHelp, programHelp } = await import('./help.js');
    const text =
      command === undefined
        ? programHelp(this.#program, this.#columns())
        : commandHelp(this.#program, command, this.#columns());
    this.#world.stdout(`${text}\n`);
  }

  async #version(): Promise<void> {
    const { versionText } = await import('./help.js');
    this.#world.stdout(`${versionText(this.#program)}\n`);
  }

  async #command({ command, options, operands }: Extract<Request, { kind: 'command' }>): Promise<void> {
    const priority = (options.get('priority') ?? 'message') as OutputPriority;
    const { env, uid } = this.#world;
    const context: CommandContext = {
      program: this.#program,
      options,
      operands,
      env,
      output: createOutput(this.#program, priority, this.#world),
      columns: () => this.#columns(),
      isUserSession: () => findInit(options, env, uid).kind === 'session-init',
      connect: async () => {
        this.#connection = await this.#world.connect(findInit(options, env, uid));
        return this.#connection;
      },
    };
    const handler = await (COMMANDS[command] satisfies Command).load();
    await handler(context);
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
 * Run `initctl`, or the command that the program's name says.
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
  const run = new Run(program, world);
  try {
    await run.perform(readCommandLine(program, argumentList));
    return 0;
  } catch (error) {
    if (error instanceof OutputClosed) return BROKEN_PIPE_STATUS;
    if (!(error instanceof AnsweredNo)) report(program, error, world);
    return 1;
  } finally {
    run.close();
  }
};
