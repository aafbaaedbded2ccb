import { describe, expect, test } from 'vitest';
import { faultsIn, importsOf } from '../lib/architecture.mjs';

describe('imports of a text', () => {
  test.each([
    ["import { a } from '@maverick/conf';", ['@maverick/conf']],
    ["import type { A } from './a.js';\nexport { b } from './b.js';", ['./a.js', './b.js']],
    ["import {\n  a,\n} from 'node:fs';", ['node:fs']],
    ["import './side-effect.js';", ['./side-effect.js']],
    ["const m = await import('@maverick/bridges');", ['@maverick/bridges']],
  ])('%j', (text, expected) => expect(importsOf(text)).toEqual(expected));
});

describe('faults', () => {
  test.each([
    ['engine', 'a.ts', "import { x } from '@maverick/conf';", []],
    ['engine', 'a.ts', "import { x } from '@maverick/spawner';", ["'engine' may not import 'spawner'"]],
    ['engine', 'a.ts', "import { x } from 'node:fs';", ["'engine' is pure: no node:fs"]],
    ['engine', 'a.ts', 'const t = Date.now();', ["'engine' is pure: no Date.now"]],
    ['engine', 'a.ts', '// Date.now() is never read here', []],
    ['engine', 'a.ts', 'return instance.process.pid + process.state;', []],
    ['initctl', 'a.ts', "import { connect } from '@maverick/dbus/client';", []],
    ['conf', 'files.ts', "import { x } from 'node:fs';", []],
    ['conf', 'a.ts', "import { x } from 'node:fs';", ["'conf' is pure: no node:fs"]],
    [
      'supervisor',
      'a.ts',
      "import { spawn } from 'node:child_process';",
      ['processes are started by the spawner only'],
    ],
    [
      'dbus',
      'a.ts',
      "import { x } from '@maverick/conf/src/x.js';",
      ["'@maverick/conf/src/x.js' is not a public entry"],
    ],
  ])('%s/%s: %s', (name, file, text, expected) => expect(faultsIn(name, file, text)).toEqual(expected));
});
