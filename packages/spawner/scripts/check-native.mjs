// `npm run check:native`: the native code under the instruments that see what tests do not.
// - compiled for musl, where its compiler is installed: the code is C, not glibc's C
// - native-workout.mjs with addon and programs under the address and undefined-behaviour sanitizers
// - the same with the programs under valgrind, whose view of memory that was never written is better
// - with `--whole` also Node itself with the addon: minutes, for whoever has changed much
// What is not installed is skipped, and said. An error or a leak that names our code fails.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const scripts = dirname(fileURLToPath(import.meta.url));
const root = dirname(scripts);
const temporary = mkdtempSync(join(tmpdir(), 'maverick-check-native-'));
const LIMIT_MS = 600_000;

const run = (program, args, env = {}) =>
  spawnSync(program, args, { encoding: 'utf8', timeout: LIMIT_MS, env: { ...process.env, ...env } });
const isInstalled = (program) => run('sh', ['-c', `command -v ${program}`]).status === 0;

const compile = (out, args, env) => {
  const { status, stderr } = run(
    process.execPath,
    [join(scripts, 'build-native.mjs'), '--force', '--out', out, ...args],
    env,
  );
  if (status !== 0) throw new Error(`compiling failed:\n${stderr}`);
};

/** A program that runs another in its place, with options for the instrument. */
const wrap = (folder, name, command) => {
  cpSync(join(folder, name), join(folder, `${name}.real`));
  writeFileSync(join(folder, name), `#!/bin/sh\n${command} "${join(folder, `${name}.real`)}" "$@"\n`);
  chmodSync(join(folder, name), 0o755);
};

/** A copy of the package with binaries of its own; the place of its reports. */
const prepare = (name, args, commandFor) => {
  const folder = join(temporary, name);
  const binaries = join(folder, 'build');
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  compile(binaries, args);
  const reports = join(folder, 'report');
  for (const program of ['spawn-helper', 'log-process'])
    if (existsSync(join(binaries, program))) wrap(binaries, program, commandFor(reports));
  return { index: join(folder, 'dist', 'index.js'), folder };
};

const reportsIn = (folder) =>
  readdirSync(folder)
    .filter((name) => name.startsWith('report'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));

/** Runs the workout; what it says and what the instruments wrote. */
const workOut = ({ index, folder }, env) => {
  const { status, stdout, stderr } = run(process.execPath, [join(scripts, 'native-workout.mjs'), index], env);
  const finished = status === 0 && stdout === 'done\n';
  return {
    reports: reportsIn(folder),
    problem: finished ? undefined : `the workout ended with ${status}:\n${stdout}${stderr}`,
  };
};

/** A leak is Node's own unless our code asked for the memory: the first frame is the allocator, the second who called. */
const isOurs = (paragraph) =>
  !/^(?:Direct|Indirect) leak/.test(paragraph) || /#1 .*\/native\/[a-z-]+\//.test(paragraph);

const sanitizerErrors = (report) =>
  report
    .split('\n\n')
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) =>
      /ERROR: AddressSanitizer|runtime error:|^(?:Direct|Indirect) leak|CHECK failed/m.test(paragraph),
    )
    .filter(isOurs);

/** A paragraph of valgrind's about wrong memory, or about a leak of memory that our code asked for. */
const isValgrindErrorOfOurs = (paragraph) =>
  /Invalid (?:read|write|free)|Conditional jump|Use of uninit|Syscall param/.test(paragraph)
    ? /\w\.c:\d+\)/.test(paragraph)
    : /lost in loss record[^\n]*\n[^\n]* at [^\n]*\n[^\n]* by [^\n]*\(\w[\w-]*\.c:\d+\)/.test(paragraph);

/** PAM's modules and Node have leaks of their own. */
const valgrindErrors = (report) => report.split(/\n==\d+== \n/).filter(isValgrindErrorOfOurs);

const CHECKS = {
  'compiled for musl': {
    needs: 'musl-gcc',
    perform: () => {
      // musl-gcc leaves out the kernel's headers, which a system with musl has among its own.
      const kernel = ['/usr/include', `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`];
      compile(join(temporary, 'musl'), [], {
        CC: ['musl-gcc', ...kernel.map((path) => `-idirafter ${path}`)].join(' '),
      });
      return [];
    },
  },
  'under the sanitizers': {
    needs: 'gcc',
    perform: () => {
      const runtime = run('gcc', ['-print-file-name=libasan.so']).stdout.trim();
      const options = (reports) => `log_path=${reports}:detect_leaks=1:exitcode=0`;
      const copy = prepare('sanitized', ['--sanitize'], (reports) => {
        return `ASAN_OPTIONS=${options(reports)} UBSAN_OPTIONS=log_path=${reports} exec`;
      });
      const reports = join(copy.folder, 'report');
      const env = { LD_PRELOAD: runtime, ASAN_OPTIONS: options(reports), UBSAN_OPTIONS: `log_path=${reports}` };
      const { reports: found, problem } = workOut(copy, env);
      return [...(problem === undefined ? [] : [problem]), ...found.flatMap(sanitizerErrors)];
    },
  },
  'programs under valgrind': {
    needs: 'valgrind',
    perform: () => {
      const copy = prepare('valgrind', ['--debug'], (reports) => {
        return `exec valgrind --vgdb=no --leak-check=full --show-leak-kinds=definite,indirect --log-file=${reports}.%p`;
      });
      const { reports, problem } = workOut(copy, {});
      return [...(problem === undefined ? [] : [problem]), ...reports.flatMap(valgrindErrors)];
    },
  },
};

/** A check that can't be made has failed. */
const attempt = (perform) => {
  try {
    return perform();
  } catch (error) {
    return [error.message];
  }
};

/** Without its compiler V8 runs nothing that valgrind could not see through. */
const checkWhole = () => {
  const copy = prepare('whole', ['--debug'], () => 'exec');
  const log = `--log-file=${join(copy.folder, 'report')}.%p`;
  const options = ['--vgdb=no', '--leak-check=full', '--show-leak-kinds=definite', log];
  const script = join(scripts, 'native-workout.mjs');
  const { status, stdout, stderr } = run('valgrind', [...options, process.execPath, '--jitless', script, copy.index]);
  const errors = reportsIn(copy.folder).flatMap(valgrindErrors);
  return status === 0 && stdout === 'done\n' ? errors : [`the workout ended with ${status}:\n${stderr}`, ...errors];
};
if (process.argv.includes('--whole'))
  CHECKS['Node and the addon under valgrind'] = { needs: 'valgrind', perform: checkWhole };

let passed = 0;
let failed = 0;
for (const [name, { needs, perform }] of Object.entries(CHECKS)) {
  if (!isInstalled(needs)) {
    console.log(`skipped: ${name}: ${needs} is not installed`);
    continue;
  }
  const started = performance.now();
  const errors = attempt(perform);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${errors.length === 0 ? 'ok' : 'FAILED'}: ${name} (${seconds} s)`);
  for (const error of errors) console.error(error);
  if (errors.length === 0) passed += 1;
  else failed += 1;
}
rmSync(temporary, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
