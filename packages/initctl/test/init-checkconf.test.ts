import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from './helpers/run.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'initctl-checkconf-'));
  for (const [name, text] of Object.entries({
    'good.conf': 'exec sleep 1\n',
    'bad.conf': 'bogus\n',
    'two.conf': 'exec true\nbogus\nnice 99\n',
    'shell.conf': 'script\n  if true; then\n    echo\nend script\n',
    'pre.conf': 'pre-start script\n  for\nend script\nexec true\n',
    'latin.conf': Buffer.from('description "caf\xe9"\n', 'latin1'),
    'good.txt': '',
    plain: '',
    program: '',
  })) {
    writeFileSync(join(folder, name), text);
  }
  chmodSync(join(folder, 'program'), 0o755);
});

afterAll(() => rmSync(folder, { recursive: true }));

const check = async (...line: readonly string[]) => {
  const at = (word: string): string => word.replace(/^@/, `${folder}/`);
  const { status, stdout, stderr } = await run(line.map(at), { program: 'init-checkconf' });
  return { status, stdout: stdout.replaceAll(folder, '@'), stderr: stderr.replaceAll(folder, '@') };
};

test.each([
  ['@good.conf'],
  ['@latin.conf'],
  ['-f', '@good.conf'],
  ['-s', '@shell.conf'],
  ['@good.conf', '-x', '@program'],
])('%s %s %s is good', async (...line) => {
  const file = line.find((word) => word.endsWith('.conf'))?.replace('@', '@/');
  expect(await check(...line)).toEqual({ status: 0, stdout: `File ${file}: syntax ok\n`, stderr: '' });
});

describe('what is wrong', () => {
  test.each([
    { line: ['@bad.conf'], text: 'File @/bad.conf: syntax invalid:\ninit:bad.conf:1: Unknown stanza' },
    {
      line: ['@two.conf'],
      text: 'File @/two.conf: syntax invalid:\ninit:two.conf:2: Unknown stanza\ninit:two.conf:3: Illegal nice value, expected -20 to 19',
    },
    { line: [], text: 'Must specify configuration file' },
    { line: [''], text: 'Must specify configuration file' },
    { line: ['@none.conf'], text: 'File @/none.conf does not exist' },
    { line: ['@good.txt'], text: 'File must end in .conf' },
    { line: ['@good.conf', '-i', '@none'], text: 'Path @/none does not exist' },
    { line: ['@good.conf', '--upstart-path=@plain'], text: 'Path @plain does not exist' },
    { line: ['@good.conf', '-x', '@plain'], text: 'File @/plain not executable' },
  ])('$line', async ({ line, text }) => {
    expect(await check(...line)).toEqual({ status: 1, stdout: '', stderr: `ERROR: ${text}\n` });
  });

  test.each(['shell', 'pre'])('the shell’s opinion of %s.conf', async (name) => {
    const { status, stdout, stderr } = await check(`@${name}.conf`);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(`^ERROR: File @/${name}\\.conf: shell syntax invalid in script section:\n.*(?:sh|stdin).*yntax error`),
    );
  });
});

test('--debug tells what is checked', async () => {
  const { stdout } = await check('-d', '@shell.conf');
  expect(stdout).toBe('reading @/shell.conf\nchecking the main script with /bin/sh\n');
});
