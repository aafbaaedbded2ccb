import type { UpstartClient } from '@maverick/dbus/client';
import type { Environment, StandardFd } from '../../src/command.js';
import { connectTo } from '../../src/connection.js';
import type { Machine } from '../../src/machine.js';
import { runProgram, type Surroundings } from '../../src/program.js';

export interface RunOptions {
  readonly env?: Environment;
  readonly uid?: number;
  /** The name that the program is called by. */
  readonly program?: string;
  /** The daemon at the other end. Default: the real way to one. */
  readonly client?: UpstartClient;
  /** As a client, for programs that make several connections. */
  readonly connect?: Surroundings['connect'];
  readonly machine?: Machine;
  /** The descriptors that a person is at. Default: none. */
  readonly terminals?: readonly StandardFd[];
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run the program in this process. */
export const run = async (
  argumentList: readonly string[],
  { env = {}, uid = 0, program = 'initctl', client, connect, machine, terminals = [] }: RunOptions = {},
): Promise<Ran> => {
  const said = { stdout: '', stderr: '' };
  const status = await runProgram(program, argumentList, {
    env,
    uid,
    stdout: (text) => {
      said.stdout += text;
    },
    stderr: (text) => {
      said.stderr += text;
    },
    terminalColumns: () => undefined,
    isTerminal: (fd) => terminals.includes(fd),
    connect: connect ?? (client === undefined ? connectTo : async () => client),
    ...(machine === undefined ? {} : { machine }),
  });
  return { status, ...said };
};
