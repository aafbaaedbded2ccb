import { resolve } from 'node:path';
import type { EngineOptions } from '@maverick/engine';
import { jobEnvironment } from './environment.js';
import type { SupervisorOptions } from './options.js';
import type { ProcessDefaults } from './process-spec.js';

const inherits = ({ sessionMode = true, inheritEnv = sessionMode }: SupervisorOptions): boolean => inheritEnv;

/** How the engine is to work. */
export const engineOptions = (options: SupervisorOptions): EngineOptions => ({
  ...(options.semantics === undefined ? {} : { semantics: options.semantics }),
  env: options.env ?? jobEnvironment(process.env, inherits(options)),
  initEnv: options.initEnv ?? jobEnvironment(process.env, true),
});

/** What is added to what job files say. */
export const processDefaults = (options: SupervisorOptions): ProcessDefaults => {
  const { logDir, pamService, sessionAddress, sessionMode = true, defaultConsole = 'log' } = options;
  return {
    ...(logDir === undefined ? {} : { logDir: resolve(logDir) }),
    ...(pamService === undefined ? {} : { pamService }),
    console: defaultConsole,
    consoleIs: options.consoleIs ?? 'device',
    sessionMode,
    inheritsUmask: inherits(options),
    env: sessionAddress === undefined ? [] : [`UPSTART_SESSION=${sessionAddress}`],
  };
};
