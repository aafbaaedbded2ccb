import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const policy = (name: string): string => readFileSync(join(import.meta.dirname, '../../policy', name), 'utf8');

/** The bus policy that the package ships. */
export const SHIPPED_POLICY = policy('Upstart.conf');
/** What is added to it where users have sessions. */
export const SESSIONS_POLICY = policy('Upstart-user-sessions.conf');
