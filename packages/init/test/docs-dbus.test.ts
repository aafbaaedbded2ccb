import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '@maverick/dbus';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { expect, test } from 'vitest';
import { TestDaemon } from './helpers/test-daemon.js';

/** The examples of docs/dbus.md, run against a daemon with the job that they speak of. */

const run = promisify(execFile);
const page = readFileSync(join(import.meta.dirname, '../../../docs/dbus.md'), 'utf8');
const WEB = 'description "a web server"\nstart on net-up\nexec sleep 1000\n';
const SOON = { timeout: 60_000 };

type Language = 'sh' | 'python' | 'ts';

/** Every block of a language with what it prints, which the next block says. */
const examples = [...page.matchAll(/^```(sh|python|ts)\n(.*?)^```\n\n```text\n(.*?)^```/gms)].map(
  ([, language, code = '', output = ''], index) => ({
    number: index + 1,
    language: language as Language,
    code,
    output,
  }),
);

const isThere = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).error === undefined;

/** How the code of each language is run, and what it needs. */
const LANGUAGES: Readonly<
  Record<Language, { command(code: string): [string, ...string[]]; missing(): string | undefined }>
> = {
  sh: {
    command: (code) => ['/bin/sh', '-eu', '-c', code],
    missing: () =>
      ['dbus-send', 'busctl', 'gdbus'].every((tool) => isThere(tool, '--version')) ? undefined : 'a tool is not here',
  },
  python: {
    command: (code) => ['/usr/bin/python3', '-c', code],
    missing: () =>
      spawnSync('/usr/bin/python3', ['-c', 'import dbus']).status === 0 ? undefined : 'python3-dbus is not here',
  },
  ts: {
    command: (code) => {
      const options = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022, verbatimModuleSyntax: true };
      const { outputText } = transpileModule(code, { compilerOptions: options });
      return [process.execPath, '--input-type=module', '-e', outputText];
    },
    missing: () => undefined,
  },
};

test('the page has examples in every language', () => {
  expect(new Set(examples.map(({ language }) => language))).toEqual(new Set(['sh', 'python', 'ts']));
  expect(page.match(/^```(?:sh|python|ts)$/gm)).toHaveLength(examples.length);
});

test.for(examples)(
  'example $number, in $language, prints what the page says',
  { timeout: 120_000 },
  async (example, { skip }) => {
    const { language, code, output } = example;
    const { command, missing } = LANGUAGES[language];
    const reason = missing();
    if (reason !== undefined) skip(reason);
    const daemon = new TestDaemon({ files: { 'web.conf': WEB } });
    const version = async (): Promise<string> => {
      const upstart = await connect(daemon.address);
      return upstart.version().finally(() => upstart.close());
    };
    await expect.poll(() => version().catch(() => ''), SOON).toBe('init (upstart 1.13.2)');
    const [program, ...args] = command(code);
    const { PATH } = process.env;
    const { stdout } = await run(program, args, {
      cwd: import.meta.dirname,
      env: { PATH, UPSTART_SESSION: daemon.address },
      timeout: 60_000,
    });
    // The page shows the usual place of job files.
    expect(stdout.replaceAll(daemon.confDir, '/etc/init')).toBe(output);
  },
);
