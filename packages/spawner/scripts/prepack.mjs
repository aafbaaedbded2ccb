// Before `npm pack`: copies the headers of Node-API into the package, so that it can be compiled with a C compiler alone.
// After it, with `--clean`: takes them away again, for a clone has them from node-api-headers.
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = join(dirname(dirname(fileURLToPath(import.meta.url))), 'native', 'include');
rmSync(target, { recursive: true, force: true });

if (!process.argv.includes('--clean')) {
  const require = createRequire(import.meta.url);
  const { include_dir: headers } = require('node-api-headers');
  mkdirSync(target);
  for (const name of readdirSync(headers)) copyFileSync(join(headers, name), join(target, name));
  copyFileSync(join(dirname(headers), 'LICENSE'), join(target, 'LICENSE'));
}
