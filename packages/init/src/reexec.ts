import { accessSync, constants } from 'node:fs';
import { closeFd, exec, memoryFile } from '@maverick/spawner';
import type { Handover } from './handover.js';
import { type OwnProgram, ownProgram } from './own-program.js';

/** What a re-exec adds to the command line; each takes one argument or none. */
const ADDED = { '--restart': 0, '--state-fd': 1 } as const;

/** The arguments that the program was given, without those of an earlier re-exec: they come first. */
const givenArguments = (args: readonly string[]): readonly string[] => {
  let rest = args;
  for (let word = rest[0] ?? ''; Object.hasOwn(ADDED, word); word = rest[0] ?? '') {
    rest = rest.slice(1 + ADDED[word as keyof typeof ADDED]);
  }
  return rest;
};

/** The command line of the program that goes on. */
const successorArguments = ({ command, args }: OwnProgram, stateFd: number): string[] => [
  ...command,
  '--restart',
  '--state-fd',
  String(stateFd),
  ...givenArguments(args),
];

/** A Node that finds no script would end at once, and everything with it. */
const checkScript = ({ command }: OwnProgram): void => {
  const [, ...words] = command;
  const script = words.at(-1);
  if (script !== undefined) accessSync(script, constants.R_OK);
};

/**
 * Become this program anew, with the same arguments.
 * @throws the system's error when it can't be executed; then everything is as before, and all descriptors are open
 */
export const becomeSuccessor = (
  handover: Handover,
  env: NodeJS.ProcessEnv,
  program: OwnProgram = ownProgram(),
): never => {
  checkScript(program);
  const stateFd = memoryFile(JSON.stringify(handover));
  try {
    return exec(
      program.path,
      successorArguments(program, stateFd),
      Object.entries(env).map(([name, value]) => `${name}=${value}`),
      { keep: [...handover.descriptors, stateFd] },
    );
  } finally {
    closeFd(stateFd);
  }
};
