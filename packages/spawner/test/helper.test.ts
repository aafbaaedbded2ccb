import { spawnSync } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { watchFd } from '../src/fd-watch.js';
import { type HelperMessage, readMessage } from '../src/helper-messages.js';
import { HELPER, helperPlan } from '../src/helper-plan.js';
import { type NativePlan, native } from '../src/native.js';
import type { ProcessSpec } from '../src/process-spec.js';
import { closeFd } from '../src/sockets.js';
import { runFixture } from './helpers/node.js';
import { hasPam, makeRecorder, makeService, removeServices } from './helpers/pam.js';
import { Run, shell } from './helpers/run.js';

const { EPERM } = constants.errno;

let run: Run;
beforeEach(() => {
  run = new Run({ reapStrangers: false });
});
afterEach(() => {
  run.close();
  removeServices();
});

test('the helper says what it is for when it is started by hand', () => {
  const { status, stderr } = spawnSync(HELPER, [], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: 'spawn-helper: this program is for @maverick/spawner\n' });
});

describe('a plan on its way to the helper', () => {
  const read = (name: string): string => readFileSync(new URL(`../native/shared/${name}`, import.meta.url), 'utf8');

  test('has every field: what is not in the table is of no use there', () => {
    const table = '#include "plan-fields-end.h"';
    const [, body = ''] = read('plan.h').split(/^struct plan \{$/m);
    const rows = body.slice(0, body.indexOf(table));
    const rest = body.slice(body.indexOf(table), body.indexOf('\n};'));
    // Before the rows of the table there are only their meanings, which end in the type and number of a list.
    expect(rows.match(/^ {2}\w.*;$/gm)).toEqual(['  uint32_t count;']);
    const own = [...rest.matchAll(/^ {2}\w[^;(]*?(?:\(\*)?(\w+)(?:\)\([^;]*)?;$/gm)].map(([, name]) => name);
    expect(own).toEqual(['shell_argv', 'look_up', 'report', 'report_fd', 'file', 'file_size']);
    expect(read('plan-fields.def').match(/^[A-Z_]+\(/gm)?.length).toBeGreaterThan(35);
  });
});

if (!hasPam) console.log('skipped: PAM sessions need root, and /etc/pam.d');

const FACTS = [
  'env | sort',
  'umask',
  'nice',
  'cat /proc/self/oom_score_adj',
  'pwd',
  'ulimit -c',
  'ulimit -n',
  'grep -E "^(Uid|Gid|Groups|Sig|NSpid)" /proc/self/status | grep -v NSpid',
  'for fd in 0 3 4; do readlink /proc/$$/fd/$fd; done',
  'test "$LISTEN_PID" = $$ && echo own pid',
].join('\n');

describe.skipIf(!hasPam)('a process', () => {
  test('is the same from the helper as without it', async () => {
    const fd = openSync('/dev/zero', 'r');
    const spec: ProcessSpec = {
      ...shell(''),
      argv: ['/bin/sh', '/proc/self/fd/9'],
      script: FACTS,
      umask: 0o27,
      nice: 5,
      oomScore: 500,
      cwd: '/usr/lib',
      chroot: ['/'],
      limits: [{ resource: 'core', soft: 0, hard: 0 }],
      user: 'daemon',
      group: 'tty',
      listenFds: [{ fd }],
      readyFd: { fd, variable: 'READY' },
      notifySocket: '@somewhere',
    };
    // Kept from both: a name of a terminal and a pid are never the same.
    const facts = (output: string) => output.replace(/^LISTEN_PID=\d+\n/m, '').replace(/^XDG_SESSION_.*\n/gm, '');
    const output = async (name: string, start: (spec: ProcessSpec) => Promise<number> | number) => {
      await run.ended(await start({ ...spec, console: { kind: 'log', path: run.path(name) } }));
      return facts(run.read(name));
    };
    const plain = await output('plain', (one) => run.start(one));
    const pamService = makeService();
    expect(await output('helped', (one) => run.begin({ ...one, pamService }))).toBe(plain);
    expect(plain).toContain('own pid');
    closeFd(fd);
  });
});

describe.skipIf(!hasPam)('the helper', () => {
  const plan: NativePlan = {
    files: ['/bin/true'],
    argv: ['true'],
    env: ['LISTEN_PID=0000000000'],
    pidEntry: 0,
    stdio: [-1, -1, -1],
    controlling: false,
    scriptFd: -1,
    scriptTarget: -1,
    passed: [],
    cgroupFd: -1,
    birthFd: -1,
    limits: [{ resource: 4, soft: 0n, hard: 0n }],
    chroot: ['/'],
    cwd: '/',
    pause: false,
    trace: false,
    ownRights: false,
    failingStep: -1,
    failingErrno: 0,
    follows: false,
    ownOutput: false,
    ownError: false,
    user: 'daemon',
    group: 'daemon',
  };

  /** All that a helper says which is run by a command. */
  const listen = (
    job: NativePlan,
    command: readonly [string, ...string[]],
  ): Promise<{ pid: number; messages: readonly HelperMessage[] }> => {
    const opened = native.helperOpen(job);
    if (typeof opened === 'number') throw new Error(`helperOpen: ${opened}`);
    const pid = native.spawn(helperPlan(job, opened, command));
    if (typeof pid !== 'number') throw new Error(`spawn: ${JSON.stringify(pid)}`);
    closeFd(opened.file);
    closeFd(opened.theirs);
    return new Promise((resolve) => {
      const messages: HelperMessage[] = [];
      const watch = watchFd(opened.ours, { readable: true }, () => {
        const message = readMessage(opened.ours);
        if (message !== undefined) messages.push(message);
        if (message?.kind !== 'end') return;
        watch.close();
        closeFd(opened.ours);
        resolve({ pid, messages });
      });
    });
  };

  test.for([{ keeps: false }, { keeps: true }])(
    'makes no mistake with memory (session: $keeps)',
    async ({ keeps }, context) => {
      if (spawnSync('valgrind', ['--version']).status !== 0) {
        console.log('skipped: valgrind is missing');
        return context.skip();
      }
      const command: readonly [string, ...string[]] = [
        '/usr/bin/valgrind',
        '--vgdb=no',
        '--leak-check=full',
        '--trace-children=yes',
        '--trace-children-skip=/bin/*,*/record-session',
        `--log-file=${run.path('valgrind.%p')}`,
        HELPER,
      ];
      const all = new Run();
      const { pid, messages } = await listen(keeps ? { ...plan, pamService: makeRecorder(run) } : plan, command);
      expect(messages.map(({ kind }) => kind)).toEqual(['begun', 'end']);
      expect(await all.ended(pid)).toMatchObject({ code: 0 });
      all.close();
      const logs = readdirSync(run.folder).filter((name) => name.startsWith('valgrind.'));
      expect(logs.length).toBeGreaterThanOrEqual(keeps ? 2 : 1);
      for (const log of logs)
        expect(run.read(log)).not.toMatch(/Invalid|Conditional jump|Syscall param|Use of|lost in/);
    },
  );

  test('that does not run is told', async () => {
    expect(await listen(plan, ['/bin/false'])).toMatchObject({ messages: [{ kind: 'end' }] });
  });

  test('says that libpam is missing', (context) => {
    const library = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'].find(
      (folder) => existsSync(`${folder}/libpam.so.0`),
    );
    const layers = `lowerdir=${library},upperdir=${run.path('upper')},workdir=${run.path('work')}`;
    const script = `mkdir "$1/upper" "$1/work" && mount -t overlay overlay -o "$2" "$3" || exit 77
      rm -f "$3"/libpam.so.0* && shift 3 && exec "$@"`;
    const without = ['unshare', '-m', 'sh', '-c', script, 'sh', run.folder, layers, library ?? ''];
    const { stdout, stderr, status } = runFixture(
      'start.mjs',
      [JSON.stringify(shell('', { pamService: 'su' }))],
      without,
    );
    if (status === 77) {
      console.log(`skipped: no folder can be laid over that of the libraries: ${stderr}`);
      return context.skip();
    }
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      error: { step: 'pam', argument: 'su', errno: 0, message: expect.stringContaining('libpam.so.0') },
    });
  });

  test('tells an ordinary user what is missing', (context) => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const readable = spawnSync('setpriv', [...nobody.slice(1), 'cat', fileURLToPath(import.meta.url)]).status === 0;
    if (!readable) {
      console.log('skipped: an ordinary user can not read this package, or setpriv is missing');
      return context.skip();
    }
    const { stdout } = runFixture('start.mjs', [JSON.stringify(shell('', { pamService: 'su' }))], nobody);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      error: { step: 'pam', argument: 'su', errno: EPERM, message: expect.stringContaining('root') },
    });
  });
});
