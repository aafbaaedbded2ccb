import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logRunner } from '../lib/logs.mjs';

export const name = 'logs';
export const description = '1,000,000 lines of 100 bytes, and a cat of 100 MB, into a log file';

const ROUNDS = 5;
const LINES = 1_000_000;
const BYTES = LINES * 100;

const DIRECT = 'exec "$@" > "$0"';

/** Loggers that others have, each at the end of a pipe; where the output ends up is the first argument. */
const OTHERS = [
  { tool: 's6-log', command: '"$@" | s6-log n0 s2000000000 "$0.d" && mv "$0.d/current" "$0" && rm -r "$0.d"' },
  {
    tool: 'svlogd',
    command:
      'mkdir "$0.d" && echo s0 > "$0.d/config" && "$@" | svlogd "$0.d" && mv "$0.d/current" "$0" && rm -r "$0.d"',
  },
  {
    tool: 'supervisord',
    // Ends with its program: an event listener would be the right way, and a slower one.
    command:
      'printf "[supervisord]\\nnodaemon=true\\nlogfile=/dev/null\\nlogfile_maxbytes=0\\npidfile=$0.pid\\n[program:w]\\n' +
      'command=$*\\nstartsecs=0\\nautorestart=false\\nstdout_logfile=$0\\nstdout_logfile_maxbytes=0\\n" > "$0.conf"; ' +
      'supervisord -c "$0.conf" > /dev/null & s=$!; ' +
      `until [ "$(stat -c %s "$0" 2>/dev/null)" = ${BYTES} ]; do sleep 0.005; done; kill $s; wait $s; rm -f "$0.conf"; true`,
  },
];

const isThere = (tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async (context) => {
  const { compare, native } = context;
  const { folder, logged, direct } = logRunner(context);
  const writer = native('write-lines');
  const reader = native('bare-reader');
  const big = join(folder, 'big');
  writeFileSync(big, Buffer.alloc(BYTES, `${'x'.repeat(99)}\n`));
  const programs = [
    { what: 'a call a line', argv: [writer, String(LINES), 'one'] },
    { what: '64 KiB a call', argv: [writer, String(LINES), 'many'] },
    { what: 'cat of 100 MB', argv: ['/bin/cat', big] },
  ];
  for (const { what, argv } of programs) {
    for (const transport of ['pipe', 'pty']) {
      const ours = () => logged(argv, BYTES, { transport });
      const subject = {
        name: 'a process with `console log`, until its end is told',
        run: async () => (await ours()).ms,
      };
      await compare({
        label: `${what}, ${transport}`,
        rounds: ROUNDS,
        subject,
        reference: {
          name: 'the same program with the file as its output',
          run: async () => (await direct(DIRECT, argv, BYTES)).ms,
        },
      });
      const bare = `exec "${reader}" ${transport} "$0" "$@"`;
      await compare({
        label: `${what}, ${transport}: a bare reader`,
        rounds: ROUNDS,
        subject,
        reference: {
          name: 'a C program that does nothing but read and write',
          run: async () => (await direct(bare, argv, BYTES)).ms,
        },
      });
      await compare({
        label: `${what}, ${transport}: our CPU`,
        rounds: ROUNDS,
        subject: { name: 'CPU time of the log process', run: async () => (await ours()).cpuMs },
        reference: {
          name: 'the same program with the file as its output',
          run: async () => (await direct(DIRECT, argv, BYTES)).ms,
        },
      });
    }
    for (const { tool, command } of OTHERS) {
      if (!isThere(tool)) {
        console.error(`${tool} is not installed: left out`);
        continue;
      }
      await compare({
        label: `${what}, pipe: ${tool}`,
        rounds: ROUNDS,
        subject: {
          name: 'a process with `console log` and a pipe',
          run: async () => (await logged(argv, BYTES, { transport: 'pipe' })).ms,
        },
        reference: {
          name: `the same program and ${tool}, with its start`,
          run: async () => (await direct(command, argv, BYTES)).ms,
        },
      });
    }
  }
};
