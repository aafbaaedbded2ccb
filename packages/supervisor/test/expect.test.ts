import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { isAlive, Running } from './helpers/running.js';

let running: Running | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});
const start = (jobs: Readonly<Record<string, string>>): Running => {
  running = new Running(jobs);
  return running;
};

const commandOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').join(' ').trim();

describe('a program that forks away', () => {
  test.each([
    { expects: 'fork', script: 'sleep 1000 &' },
    { expects: 'daemon', script: '(sleep 1000 &) &' },
    { expects: 'daemon, but forks once', script: 'sleep 1000 &' },
    { expects: 'fork, but forks twice', script: '(sleep 1000 &) &' },
  ])(
    'expect $expects: it is up when it has forked, supervised as it serves, and stopped as such',
    async ({ expects, script }) => {
      const all = start({ web: `expect ${expects.split(',', 1)[0]}\nrespawn\nscript\n  ${script}\nend script\n` });
      await all.supervisor.startJob('web');
      while (commandOf(all.mainPid('web')) !== 'sleep 1000') await new Promise(setImmediate);
      const pid = all.mainPid('web');
      expect(all.supervisor.instance('web')?.state).toBe('running');
      await all.supervisor.stopJob('web');
      expect(isAlive(pid)).toBe(false);
    },
  );

  test('its end is the end of the job, and respawns it', async () => {
    const all = start({ web: 'expect fork\nrespawn\nscript\n  sleep 1000 &\nend script\n' });
    await all.supervisor.startJob('web');
    const before = all.mainPid('web');
    process.kill(before, 'SIGKILL');
    await all.next((event) => (event.kind === 'process-moved' ? true : undefined));
    await all.reached('web', 'running');
    expect(all.mainPid('web')).not.toBe(before);
    expect(isAlive(all.mainPid('web'))).toBe(true);
  });

  test('one that ends before it has forked has failed', async () => {
    const all = start({ web: 'expect fork\nscript\n  exit 3\nend script\n' });
    await expect(all.supervisor.startJob('web')).rejects.toMatchObject({ code: 'JobFailed' });
  });
});

const PRELUDE = `
use Socket;
my $address = $ENV{NOTIFY_SOCKET};
$address =~ s/^@/\\0/;
socket(my $socket, PF_UNIX, SOCK_DGRAM, 0) or die;
sub tell_us { send($socket, $_[0], 0, sockaddr_un($address)) or die }
`;

/** A program that sends sd_notify messages, one an argument; `+` waits for a line of the file `go`. */
const NOTIFY = `${PRELUDE}
my ($go, @messages) = @ARGV;
for my $message (@messages) {
  if ($message eq '+') { open(my $file, '<', $go) or die; <$file>; next }
  $message =~ s/SELF/$$/;
  tell_us($message);
}
sleep 1000;
`;

/** A program that gives signs of life for longer than its watchdog waits, and then tells how long that is. */
const ALIVE = `${PRELUDE}
tell_us('READY=1');
for (1 .. 8) { select(undef, undef, undef, 0.3); tell_us('WATCHDOG=1') }
tell_us("STATUS=$ENV{WATCHDOG_USEC}");
sleep 1000;
`;

/** A job whose main process says these things. */
const notifying = (expects: string, ...messages: string[]): string =>
  `${expects}\npre-start exec mkfifo @DIR@/go\nexec perl @DIR@/notify.pl @DIR@/go ${messages.map((message) => `"${message}"`).join(' ')}\n`;

const withNotify = (jobs: Readonly<Record<string, string>>): Running => {
  const all = start(jobs);
  writeFileSync(join(all.dir, 'notify.pl'), NOTIFY);
  return all;
};

test('expect notify: the job is up when it says so, and its status is what it says', async () => {
  const all = withNotify({ web: notifying('expect notify', 'STATUS=loading', '+', 'READY=1', 'STATUS=ready') });
  const started = all.supervisor.startJob('web');
  expect(await all.next((event) => (event.kind === 'process-status' ? event.text : undefined))).toBe('loading');
  expect(all.supervisor.instance('web')?.state).toBe('spawned');
  const status = all.next((event) => (event.kind === 'process-status' ? event.text : undefined));
  all.write('go', '\n');
  await started;
  expect(await status).toBe('ready');
  expect(all.supervisor.instance('web')?.processes).toMatchObject([{ role: 'main', status: 'ready' }]);
});

test('expect notify: another process of the job can be named as the main one', async () => {
  const all = start({
    web: 'expect notify\nscript\n  perl @DIR@/notify.pl - "MAINPID=SELF" "READY=1" &\n  wait\nend script\n',
  });
  writeFileSync(join(all.dir, 'notify.pl'), NOTIFY);
  await all.supervisor.startJob('web');
  expect(commandOf(all.mainPid('web'))).toMatch(/^perl/);
});

test('expect fd: the job is up when it writes a newline to its descriptor', async () => {
  const all = start({
    web: 'expect fd 5\npre-start exec mkfifo @DIR@/go\nscript\n  read line < @DIR@/go\n  echo >&5\n  exec sleep 1000\nend script\n',
  });
  const started = all.supervisor.startJob('web');
  await all.reached('web', 'spawned');
  all.write('go', '\n');
  await started;
  expect(all.supervisor.instance('web')?.state).toBe('running');
});

test('watchdog: who gives no sign of life is ended, and respawned', async () => {
  const all = withNotify({
    web: `respawn\n${notifying('expect notify', 'READY=1', 'WATCHDOG=1')}watchdog 1\nkill timeout 1\n`,
  });
  await all.supervisor.startJob('web');
  const before = all.mainPid('web');
  await all.next((event) => (event.kind === 'watchdog-expired' ? true : undefined));
  expect(all.messages(/no sign of life/)).toEqual(['web gave no sign of life, stopped']);
  await all.next((event) => (event.kind === 'process-ended' && event.pid === before ? true : undefined));
});

test('watchdog: a sign of life keeps it running', async () => {
  const all = start({
    web: 'expect notify\nwatchdog 1\nexec perl @DIR@/alive.pl\n',
  });
  writeFileSync(join(all.dir, 'alive.pl'), ALIVE);
  await all.supervisor.startJob('web');
  const pid = all.mainPid('web');
  expect(await all.next((event) => (event.kind === 'process-status' ? event.text : undefined))).toBe('1000000');
  expect(all.mainPid('web')).toBe(pid);
});

test('respawn backoff: the wait before a respawn doubles', async () => {
  const all = start({ web: 'respawn\nrespawn limit unlimited\nrespawn backoff 1 60\nexec false\n' });
  await all.supervisor.startJob('web').catch(() => {});
  const waits: number[] = [];
  for (let time = await delayed(all); waits.length < 2; time = await delayed(all)) waits.push(time);
  expect(waits[1] ?? 0).toBeGreaterThan((waits[0] ?? 0) + 1500);
});

/** When the next respawn was put off to. */
const delayed = (all: Running): Promise<number> =>
  all.next((event) => (event.kind === 'respawn-delayed' ? event.dueAt : undefined));

test('start timeout: a job that does not come up in time is stopped and has failed', async () => {
  const all = start({ web: 'start timeout 1\nexpect notify\nexec sleep 1000\n' });
  await expect(all.supervisor.startJob('web')).rejects.toMatchObject({ code: 'JobFailed' });
  expect(all.messages(/took too long/)).toEqual(['web took too long to start, stopped']);
});

test('apparmor switch leaves a job running where the kernel has no AppArmor', async () => {
  const all = start({ web: 'apparmor switch some-profile\nexec sleep 1000\n' });
  const started = all.supervisor.startJob('web').then(
    () => 'running',
    () => all.messages(/^Failed to spawn/).join(),
  );
  // With AppArmor it depends on whether the profile is loaded, and then says so.
  expect(await started).toMatch(/^running$|unable to switch security profile/);
});
