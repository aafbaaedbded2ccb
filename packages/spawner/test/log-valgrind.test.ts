import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 120_000 });

const native = fileURLToPath(new URL('../native', import.meta.url));
const driver = fileURLToPath(new URL('./fixtures/log-driver.c', import.meta.url));
const { CC = 'cc' } = process.env;
const [compiler = 'cc', ...options] = CC.split(' ');

const compile = (output: string, ...args: readonly string[]): boolean =>
  spawnSync('sh', ['-c', '"$@"', 'sh', compiler, ...options, '-std=c11', '-D_GNU_SOURCE', '-g', '-o', output, ...args])
    .status === 0;

const sources = (): readonly string[] =>
  spawnSync('sh', ['-c', `ls ${native}/log-process/*.c`], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n');

/** Ways to find a wrong use of memory: how the program is built, and how it is run. */
const WAYS = [
  {
    what: 'valgrind',
    flags: [],
    before:
      'valgrind -q --vgdb=no --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --track-fds=no',
  },
  { what: 'the address and undefined-behaviour sanitizers', flags: ['-fsanitize=address,undefined'], before: '' },
];

test.each(WAYS)('the log process makes no wrong use of memory, says $what', ({ what, flags, before }) => {
  if (before !== '' && spawnSync('valgrind', ['--version']).status !== 0) {
    console.log('skipped: valgrind is not installed');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'maverick-log-memory-'));
  try {
    const program = join(folder, 'log-process');
    if (!compile(program, ...flags, ...sources())) {
      console.log(`skipped: the compiler has no ${what}`);
      return;
    }
    expect(compile(join(folder, 'driver'), '-I', `${native}/log-process`, driver)).toBe(true);
    // The log process leaves its parent, so its verdict goes to a file.
    const wrapper = join(folder, 'wrapper');
    const verdict = join(folder, 'verdict');
    writeFileSync(
      wrapper,
      `#!/bin/sh\nASAN_OPTIONS=detect_leaks=0:log_path=${verdict} UBSAN_OPTIONS=log_path=${verdict} exec ${before} ` +
        `${before === '' ? '' : `--log-file=${verdict}.%p`} ${program} "$@"\n`,
    );
    chmodSync(wrapper, 0o755);
    const run = spawnSync(join(folder, 'driver'), [wrapper, folder], { encoding: 'utf8' });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const said = spawnSync('sh', ['-c', `cat ${verdict}* 2>/dev/null`], { encoding: 'utf8' }).stdout;
    expect(said).toBe('');
    expect(readFileSync(join(folder, 'json.log'), 'utf8')).toMatch(/"message":"line 1"/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
