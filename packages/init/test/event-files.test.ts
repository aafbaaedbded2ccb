import { closeSync, fstatSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@maverick/dbus';
import { expect, onTestFinished, test } from 'vitest';
import { TestDaemon } from './helpers/test-daemon.js';

/** How long to look at most; the machine may be busy. */
const SOON = { timeout: 60_000 };

/** Writes which descriptors it was given, and what they are, then goes on. */
const TELL = 'echo "fds=[$UPSTART_FDS]"; for fd in $UPSTART_FDS; do readlink /proc/self/fd/$fd; done';
const service = (condition: string, name: string) =>
  [
    `start on ${condition}`,
    'respawn',
    `script\n  { ${TELL}; } > $HOME/${name}.seen`,
    '  exec sleep 1000',
    'end script',
  ].join('\n');

const filesOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      const { dev, ino } = statSync(`/proc/${pid}/fd/${fd}`);
      return `${dev}:${ino}`;
    } catch {
      return '';
    }
  });

test('a descriptor reaches exactly the jobs that its event starts, survives a respawn, and is closed everywhere else', async () => {
  const daemon = new TestDaemon({
    files: {
      'given.conf': service('file-event', 'given'),
      'bystander.conf': service('other-event', 'bystander'),
      'early.conf': 'start on startup\nrespawn\nexec sleep 1000',
    },
  });
  await daemon.out.match(/early +.*running/);
  const path = join(daemon.home, 'the file');
  writeFileSync(path, 'content');
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  const { dev, ino } = fstatSync(fd);
  const mark = `${dev}:${ino}`;
  const upstart = await connect(daemon.address);
  onTestFinished(() => upstart.close());
  await upstart.version();

  const mainPid = async (job: string): Promise<number> => {
    const { processes } = await upstart.instanceAt(`/com/ubuntu/Upstart/jobs/${job}/_`).status();
    return processes[0]?.pid ?? -1;
  };
  const seen = (job: string): string[] =>
    readFileSync(join(daemon.home, `${job}.seen`), 'utf8')
      .trim()
      .split('\n');

  await upstart.emitWithFile('file-event', fd, ['K=v']);
  await upstart.emit('other-event');
  await expect.poll(() => seen('given'), SOON).toEqual([expect.stringMatching(/^fds=\[\d+\]$/), path]);
  await expect.poll(() => seen('bystander'), SOON).toEqual(['fds=[]']);
  for (const job of ['bystander', 'early']) expect(filesOf(await mainPid(job))).not.toContain(mark);

  // The event has long finished: the descriptor is the instance's now.
  const first = await mainPid('given');
  expect(filesOf(first)).toContain(mark);
  writeFileSync(join(daemon.home, 'given.seen'), '');
  const from = daemon.out.text.length;
  process.kill(first, 'SIGKILL');
  await daemon.out.match(/given +.*running/, from);
  await expect.poll(() => seen('given'), SOON).toEqual([expect.stringMatching(/^fds=\[\d+\]$/), path]);
  expect(filesOf(await mainPid('given'))).toContain(mark);
  expect(filesOf(daemon.pid)).toContain(mark);

  await upstart.job('given').stop();
  await expect.poll(() => filesOf(daemon.pid), SOON).not.toContain(mark);
  // An event that nobody wants leaves nothing open either.
  await upstart.emitWithFile('nobody-wants-this', fd);
  expect(filesOf(daemon.pid)).not.toContain(mark);
  await expect(upstart.emitWithFile('', fd)).rejects.toThrow('Name may not be empty string');
  expect(filesOf(daemon.pid)).not.toContain(mark);
});
