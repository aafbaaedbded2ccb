import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const COMPLETIONS = join(import.meta.dirname, '../completions');

/** Stands for the real one, which has its own tests: completions read what it prints. */
const INITCTL = `#!/bin/sh
case $1 in
  list) printf 'web start/running, process 12\\n\\tpost-start process 13\\nworker (7) start/running, process 14\\ndb stop/waiting\\n$(touch/pwned) stop/waiting\\n' ;;
  list-env) printf 'PATH=/bin\\nTERM=dumb\\n' ;;
esac
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'initctl-completions-'));
  writeFileSync(join(folder, 'initctl'), INITCTL);
  chmodSync(join(folder, 'initctl'), 0o755);
});

afterAll(() => rmSync(folder, { recursive: true }));

const shell = (program: string, ...args: readonly string[]): string => {
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}`, HOME: folder };
  const { stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
  return stdout + stderr;
};

const missing = (program: string): boolean => spawnSync(program, ['--version']).status !== 0;

/** Command lines, and what the last word of each may become. */
const LINES = [
  { line: 'initctl sta', words: ['start', 'status'] },
  { line: 'initctl -q check', words: ['check-config'] },
  { line: 'initctl status ', words: ['$(touch/pwned)', 'db', 'web', 'worker'] },
  { line: 'initctl start d', words: ['db'] },
  { line: 'initctl stop ', words: ['web', 'worker'] },
  { line: 'initctl --user restart w', words: ['web', 'worker'] },
  { line: 'stop w', words: ['web', 'worker'] },
  { line: 'initctl log-priority d', words: ['debug'] },
  { line: 'initctl get-env T', words: ['TERM'] },
  { line: 'initctl start --no', words: ['--no-wait'] },
  { line: 'initctl check-config --w', words: ['--warn'] },
  { line: 'initctl --sy', words: ['--system'] },
  { line: 'shutdown --ver', words: ['--verbose', '--version'] },
  { line: 'initctl2dot --color-e', words: ['--color-emits', '--color-event', '--color-event-text'] },
] as const;

describe.skipIf(missing('bash'))('bash', () => {
  test.each(LINES)('$line', ({ line, words }) => {
    const script = `
      source "$1"; read -r -a COMP_WORDS <<<"$2"; [[ $2 == *' ' ]] && COMP_WORDS+=('')
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _initctl "\${COMP_WORDS[0]}"; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const found = shell('bash', '-c', script, 'bash', join(COMPLETIONS, 'initctl.bash'), line);
    expect(found.trim().split('\n').sort()).toEqual([...words].sort());
  });
});

describe.skipIf(missing('fish'))(`fish${missing('fish') ? ' (is not here)' : ''}`, () => {
  test.each(LINES)('$line', ({ line, words }) => {
    const script = `source ${join(COMPLETIONS, 'initctl.fish')}; complete -C ${JSON.stringify(line).replaceAll('$', '\\$')}`;
    const found = shell('fish', '--no-config', '-c', script).trim().split('\n');
    expect(found.map((text) => text.split('\t')[0]).sort()).toEqual([...words].sort());
  });
});

describe.skipIf(missing('zsh'))(`zsh${missing('zsh') ? ' (is not here)' : ''}`, () => {
  test('is whole', () => {
    expect(shell('zsh', '-n', join(COMPLETIONS, '_initctl'))).toBe('');
  });

  /** What the functions of zsh's completion are called with: they do the rest. */
  const asked = (service: string, word?: string): string => {
    const script = `
      _arguments() { print -l -- "$@"; state=\${WORD:+operands}; line=($WORD); }
      _describe() { print -l -- "\${(@P)2}"; }
      compadd() { print -l -- "\${(@P)2}"; }
      service=$2 WORD=$3
      source "$1"`;
    return shell('zsh', '-f', '-c', script, 'zsh', join(COMPLETIONS, '_initctl'), service, word ?? '');
  };

  test('commands, options and jobs', () => {
    expect(asked('initctl')).toContain('--system[use D-Bus system bus to connect to init daemon]');
    expect(asked('initctl', 'start')).toContain('--no-wait[do not wait for job to start before exiting]');
    expect(asked('stop')).toContain('*:job:_initctl_jobs "start/"');
    expect(asked('initctl2dot')).toContain('--color-bg=[specify color for background of diagram');
    const jobs = `source "$1" 2>/dev/null; compadd() { print -l -- "\${(@P)2}"; }; _initctl_jobs start/`;
    expect(shell('zsh', '-f', '-c', jobs, 'zsh', join(COMPLETIONS, '_initctl'))).toContain('web\nworker\n');
  });
});
