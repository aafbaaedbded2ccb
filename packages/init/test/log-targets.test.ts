import { execFileSync } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { closeFd, listenSocket, receiveUnix, watchFd } from '@maverick/spawner';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { tempDir } from './helpers/temp-dir.js';
import { Output, TestDaemon } from './helpers/test-daemon.js';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

const FILES = { 'web.conf': 'start on startup\nexec sleep 1000\n', 'bad.conf': 'nonsense\n' };

describe('--log-format=json', () => {
  test('gives each message as an object on standard output, and nothing on standard error', async () => {
    const daemon = new TestDaemon({ args: ['--user', '--verbose', '--log-format=json'], files: FILES });
    await daemon.out.match(/"web started/);
    daemon.signal('SIGTERM');
    await daemon.ended;
    const lines = daemon.out.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({ priority: 'error', message: expect.stringMatching(/bad\.conf:1: Unknown stanza$/) }),
    );
    const change = lines.find(({ message }) => message === 'web goal changed from stop to start');
    expect(change).toMatchObject({ priority: 'info', program: 'init', pid: daemon.pid, job: 'web', instance: '' });
    expect(Date.parse(change.time)).toBeGreaterThan(0);
    expect(daemon.err.text).toBe('');
  });
});

const mayMount = (): boolean => {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const missing = mayMount() ? undefined : 'skipped: it takes a mount namespace, so root';

/** A shell that prepares a mount namespace, and what comes in there as `"$@"`. */
const inMounts = (script: string): string[] => ['unshare', '-m', 'sh', '-ec', `${script}\nexec "$@"`, 'sh'];

describe.skipIf(missing)(`logs of the machine${missing === undefined ? '' : ` (${missing})`}`, () => {
  test('--log-target=kmsg writes records as the original does', async () => {
    const fifo = join(tempDir(), 'kmsg');
    execFileSync('mkfifo', [fifo]);
    const kmsg = new Socket({ fd: openSync(fifo, 'r+'), readable: true, writable: false });
    onTestFinished(() => void kmsg.destroy());
    const records = new Output(kmsg);
    const within = inMounts(`mount --bind ${fifo} /dev/kmsg`);
    const daemon = new TestDaemon({ args: ['--user', '--verbose', '--log-target=kmsg'], files: FILES, within });
    await records.match(/^<6>init: Handling startup event\n/m);
    await records.match(/^<5>init: web started, process \d+: event startup\n/m);
    await records.match(new RegExp(`^<3>init: ${daemon.confDir}/bad.conf:1: Unknown stanza\n`, 'm'));
    expect(daemon.err.text).toBe('');
  });

  test('--log-target=syslog reaches /dev/log as the daemon facility; without a syslog daemon it is standard error', async () => {
    const dir = tempDir();
    for (const name of ['upper', 'socket']) mkdirSync(join(dir, name));
    const within = inMounts(
      [
        `mount -t tmpfs none ${dir}/upper && mkdir ${dir}/upper/u ${dir}/upper/w`,
        `mount -t overlay none -o lowerdir=/dev,upperdir=${dir}/upper/u,workdir=${dir}/upper/w /dev`,
        `rm -f /dev/log && ln -s ${dir}/socket/log /dev/log`,
      ].join('\n'),
    );
    const files = { 'web.conf': 'console none\nstart on startup\nexec sleep 1000\n' };
    const daemon = new TestDaemon({ args: ['--user', '--log-target=syslog'], files, within });
    await daemon.err.match(/^init: web started/m);
    const socket = listenSocket({ address: { family: 'unix', path: join(dir, 'socket/log') }, type: 'dgram' });
    const received = new Promise<string>((resolve) => {
      const buffer = Buffer.alloc(4096);
      const watch = watchFd(socket, { readable: true }, () => {
        const bytes = receiveUnix(socket, buffer)?.bytes ?? 0;
        watch.close();
        resolve(buffer.toString('utf8', 0, bytes));
      });
    });
    daemon.signal('SIGTERM');
    expect(await received).toMatch(
      new RegExp(
        `^<28>[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d init\\[${daemon.pid}\\]: web main process \\(\\d+\\) killed by TERM signal$`,
      ),
    );
    closeFd(socket);
  });
});
