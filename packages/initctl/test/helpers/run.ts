import type { UpstartClient } from '@maverick/dbus/client';
import type { Environment } from '../../src/command.js';
import { connectTo } from '../../src/connection.js';
import { runProgram } from '../../src/program.js';

export interface RunOptions {
  readonly env?: Environment;
  readonly uid?: number;
  /** The name that the program is called by. */
  readonly program?: string;
  /** The daemon at the other end. Default: the real way to one. */
  readonly client?: UpstartClient;
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run the program in this process. */
export const run = async (
  argumentList: readonly string[],
  { env = {}, uid = 0, program = 'initctl', client }: RunOptions = {},
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
    connect: client === undefined ? connectTo : async () => client,
  });
  return { status, ...said };
};
