import type { ReadConfiguration } from './configuration.js';

/** Read configuration directories from the file system. */
export const readConfigurationFiles: ReadConfiguration = () => ({ jobs: [], diagnostics: [] });
