import { Spawner } from '@maverick/spawner';
import type { SupervisorOptions } from '@maverick/supervisor';
import { ownChildren } from './children.js';
import { type Environment, findDirectories } from './directories.js';
import type { Handover } from './handover.js';
import { MODES, type Mode } from './mode.js';
import type { Options } from './option-table.js';
import { prepareOwnConsole } from './own-console.js';
import { sessionRules } from './session-rules.js';

const UID = process.getuid?.() ?? 0;

/**
 * What a supervisor is to be like for a mode, its options and its environment.
 * @returns also the children that are not ours to end: those that were there before us
 * @throws NoHomeError where there is no place for the user's files
 */
export const supervisorSettings = (
  mode: Mode,
  options: Options,
  env: Environment,
  address: string,
  handover: Handover | undefined,
) => {
  const { semantics } = options;
  const { console: usualConsole, consoleIs } = MODES[mode];
  const defaultConsole = options.defaultConsole ?? (options.logDir === undefined ? usualConsole : undefined);
  const inherited = new Set(handover?.inherited ?? ownChildren());
  const console = handover?.consoleIs ?? (consoleIs === 'own' ? prepareOwnConsole() : consoleIs);
  const settings = {
    ...findDirectories(mode, options, env),
    sessionMode: MODES[mode].inherits,
    ...(options.inheritsEnv ? {} : { inheritEnv: false }),
    ...(options.address !== undefined || MODES[mode].tellsAddress(UID) ? { sessionAddress: address } : {}),
    ...(semantics === undefined ? {} : { semantics }),
    ...(defaultConsole === undefined ? {} : { defaultConsole }),
    consoleIs: console,
    sessions: sessionRules(mode, options, env, address),
    // The orphans that we adopt as the subreaper are ours to reap.
    spawner: (listener) => new Spawner({ ...listener, reapStrangers: true }),
    // What jobs have left behind comes to us as the subreaper. What was there before us is not ours to end.
    strays: () => ownChildren().filter((pid) => !inherited.has(pid)),
  } satisfies SupervisorOptions;
  return { settings, inherited: [...inherited] };
};
