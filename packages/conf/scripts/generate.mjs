/** Compiles src/grammar.ne to src/generated/grammar.ts, only if it is newer. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../src/grammar.ne', import.meta.url));
const target = fileURLToPath(new URL('../src/generated/grammar.ts', import.meta.url));
const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/**
 * The first line of the output holds the time, which would make every build another one; and the output declares
 * every token as a global, which clashes with those that it imports; and its type of a symbol forgets tokens by type.
 */
const tidy = (text) => {
  const imported = [...text.matchAll(/^import \{(.*)\}/gm)].flatMap(([, names]) =>
    names.split(',').map((n) => n.trim()),
  );
  return text
    .replace(/^\/\/ Generated.*\n/, '// Generated from grammar.ne.\n')
    .replace(/^declare var (\w+): any;\n/gm, (line, name) => (imported.includes(name) ? '' : line))
    .replace(/^type NearleySymbol = string \|/m, '$& { type: string } |');
};

if (modified(target) <= modified(source)) {
  mkdirSync(new URL('../src/generated/', import.meta.url), { recursive: true });
  const compiler = createRequire(import.meta.url).resolve('nearley/bin/nearleyc.js');
  const { status } = spawnSync(process.execPath, [compiler, source, '-o', target], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  writeFileSync(target, tidy(readFileSync(target, 'utf8')));
}
