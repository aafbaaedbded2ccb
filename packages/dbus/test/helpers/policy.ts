import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The bus policy that the package ships. */
export const SHIPPED_POLICY = readFileSync(join(import.meta.dirname, '../../policy/Upstart.conf'), 'utf8');
