import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build, type Rollup } from 'vite';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The main entry and all that it needs as one script for browsers, which leaves it as the global `conf`. */
const bundle = async (): Promise<string> => {
  const output = (await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      lib: { entry: join(root, 'src/index.ts'), formats: ['iife'], name: 'conf' },
    },
  })) as Rollup.RollupOutput[];
  return output
    .flatMap((one) => one.output.flatMap((chunk) => (chunk.type === 'chunk' ? [chunk.code] : [])))
    .join('\n');
};

test('a bundle for browsers parses a file without anything of Node', async () => {
  const code = await bundle();
  expect(code).not.toMatch(/\brequire\s*\(\s*["']|\bfrom\s*["']node:|__vite-browser-external/);
  // A context of its own has the globals of the language and no others.
  const context = createContext({});
  runInContext(code, context);
  const read = (script: string): unknown => JSON.parse(String(runInContext(`JSON.stringify(${script})`, context)));
  expect(read('[typeof process, typeof Buffer, typeof require, typeof setTimeout]')).toEqual(
    Array.from({ length: 4 }, () => 'undefined'),
  );
  expect(read(String.raw`conf.parseConf('start on a and b\nexec x "y" \\\n z\nwhile c\n').conf`)).toMatchObject({
    processes: { main: { script: false, command: 'x "y" z' } },
    while: { kind: 'term', job: 'c' },
  });
  expect(read(`conf.parseConf('decription x').diagnostics`)).toMatchObject([{ code: 'unknown-stanza', line: 1 }]);
});
