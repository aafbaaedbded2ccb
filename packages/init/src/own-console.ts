import { leaveTerminal } from '@maverick/spawner';
import { isTerminal } from './terminal.js';

/**
 * Prepare our standard descriptors for jobs that own them. A terminal that is ours to give (`docker run -it`) is given up, so
 * that such a job's session gets it, and with it Ctrl-C and job control.
 */
export const prepareOwnConsole = (): 'own' | 'own-terminal' => {
  if (!isTerminal(0)) return 'own';
  try {
    leaveTerminal(0);
    return 'own-terminal';
  } catch {
    // It is another session's: jobs can read and write there all the same.
    return 'own';
  }
};
