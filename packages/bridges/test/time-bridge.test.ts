import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { Bridge, FollowedJob } from '../src/bridge.js';
import { HeldDescriptors } from '../src/held-descriptors.js';
import { timeBridgeWith } from '../src/time-bridge.js';
import { FakeTime } from './helpers/fake-time.js';
import { bothWays, SOON } from './helpers/scene.js';

const HOUR = 3_600_000;

/** How long real times are looked at; `npm run test:long` takes a minute. */
const SECONDS = Number(process.env['MAVERICK_TIME_SECONDS'] ?? 2);
const UP_AN_HOUR = HOUR;
const SATURDAY = '2026-11-28T07:00:00Z';

const jobWith = (...args: readonly string[]): FollowedJob => ({
  path: '/job',
  name: 'job',
  start: [{ name: 'time', args, partners: [] }],
  stop: [],
});

interface Play {
  readonly time: FakeTime;
  readonly bridge: Bridge;
  /** What was emitted since the last look. */
  events(): readonly string[];
  readonly reports: readonly string[];
}

const play = (time: FakeTime, job: FollowedJob, options: { record?: string; random?: () => number } = {}): Play => {
  const events: string[] = [];
  const reports: string[] = [];
  const bridge = timeBridgeWith({ time, ...options }).make({
    emit: async ({ env }) => {
      events.push(`${env.join(' ')} @ ${new Date(time.now('realtime')).toISOString().slice(0, 19)}`);
    },
    tell: async () => {},
    instancesOf: () => new Set(),
    startsOf: () => 0,
    runtimeDir: undefined,
    keeper: new HeldDescriptors(),
    report: (_, message) => reports.push(message),
  });
  bridge.follow([job]);
  return { time, bridge, events: () => events.splice(0), reports };
};

const recordFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'maverick-time-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'record');
};

test('EVERY comes again and again, at the same times whenever the bridge was started', () => {
  const { time, events } = play(new FakeTime(SATURDAY, UP_AN_HOUR + 60_000), jobWith('EVERY=5min'));
  time.pass(11 * 60_000);
  expect(events()).toEqual(['EVERY=5min @ 2026-11-28T07:04:00', 'EVERY=5min @ 2026-11-28T07:09:00']);
});

test('CALENDAR comes at its times', () => {
  const { time, events } = play(new FakeTime(SATURDAY, UP_AN_HOUR), jobWith('CALENDAR=Mon..Fri 09:00 UTC'));
  time.pass(4 * 24 * HOUR);
  const times = ['2026-11-30T09:00:00', '2026-12-01T09:00:00'];
  expect(events()).toEqual(times.map((at) => `CALENDAR=Mon..Fri 09:00 UTC @ ${at}`));
});

test('what is missed in sleep comes once, when it is over', () => {
  const { time, events } = play(new FakeTime(SATURDAY, UP_AN_HOUR), jobWith('CALENDAR=hourly UTC'));
  time.sleep(5.5 * HOUR);
  expect(events()).toEqual(['CALENDAR=hourly UTC @ 2026-11-28T12:30:00']);
  time.pass(HOUR / 2);
  expect(events()).toEqual(['CALENDAR=hourly UTC @ 2026-11-28T13:00:00']);
});

test('a clock that is set forward passes times once; set back by a day it has them again; by a moment it has not', () => {
  const { time, events } = play(new FakeTime(SATURDAY, UP_AN_HOUR), jobWith('CALENDAR=09:00 UTC'));
  time.setClock('2026-11-28T10:00:00Z');
  expect(events()).toEqual(['CALENDAR=09:00 UTC @ 2026-11-28T10:00:00']);
  time.setClock('2026-11-27T08:00:00Z');
  time.pass(HOUR);
  expect(events()).toEqual(['CALENDAR=09:00 UTC @ 2026-11-27T09:00:00']);
  time.setClock('2026-11-27T08:59:59Z');
  time.pass(2_000);
  expect(events()).toEqual([]);
});

test('time that is set does not touch what goes by the time since boot', () => {
  const { time, events } = play(new FakeTime(SATURDAY, UP_AN_HOUR), jobWith('EVERY=1h'));
  time.setClock('2030-01-01T00:00:00Z');
  time.pass(HOUR);
  expect(events()).toEqual(['EVERY=1h @ 2030-01-01T01:00:00']);
});

test('AFTER_BOOT comes once a boot: at its time, or at once where the first bridge is later', () => {
  const record = recordFile();
  const early = play(new FakeTime(SATURDAY, 10_000), jobWith('AFTER_BOOT=30s'), { record });
  early.time.pass(60_000);
  expect(early.events()).toEqual(['AFTER_BOOT=30s @ 2026-11-28T07:00:20']);
  const second = play(early.time, jobWith('AFTER_BOOT=30s'), { record });
  second.time.pass(60_000);
  expect(second.events()).toEqual([]);
  const late = play(new FakeTime(SATURDAY, UP_AN_HOUR), jobWith('AFTER_BOOT=30s'));
  expect(late.events()).toEqual(['AFTER_BOOT=30s @ 2026-11-28T07:00:00']);
});

test('what was missed between two bridges comes once', () => {
  const record = recordFile();
  const time = new FakeTime(SATURDAY, UP_AN_HOUR);
  play(time, jobWith('CALENDAR=hourly UTC'), { record }).bridge.close(false);
  time.sleep(2.5 * HOUR);
  expect(play(time, jobWith('CALENDAR=hourly UTC'), { record }).events()).toEqual([
    'CALENDAR=hourly UTC @ 2026-11-28T09:30:00',
  ]);
});

test('JITTER puts each time off by a part of it', () => {
  const { time, events } = play(new FakeTime(SATURDAY, UP_AN_HOUR), jobWith('EVERY=1h', 'JITTER=10min'), {
    random: () => 0.5,
  });
  time.pass(HOUR + 6 * 60_000);
  expect(events()).toEqual(['EVERY=1h JITTER=10min @ 2026-11-28T08:05:00']);
});

test('what comes while the daemon is away is emitted once when it is back', () => {
  const { time, bridge, events } = play(new FakeTime(SATURDAY, UP_AN_HOUR), jobWith('EVERY=1min'));
  bridge.lost();
  time.pass(3 * 60_000 + 1_000);
  expect(events()).toEqual([]);
  bridge.follow([jobWith('EVERY=1min')]);
  expect(events()).toHaveLength(1);
  time.pass(60_000);
  expect(events()).toHaveLength(1);
});

test.each([
  { args: ['CALENDAR=noon'], message: /CALENDAR=noon is not understood/ },
  { args: ['EVERY=soon'], message: /EVERY=soon is not understood/ },
  { args: ['EVERY=1ms'], message: /EVERY=1ms is too short/ },
  { args: ['EVERY=1h', 'AFTER_BOOT=1h'], message: /EVERY and AFTER_BOOT are two events/ },
  { args: ['JITTER=1s'], message: /CALENDAR, EVERY or AFTER_BOOT is missing/ },
])('$args is refused clearly', ({ args, message }) => {
  expect(play(new FakeTime(SATURDAY, UP_AN_HOUR), jobWith(...args)).reports).toEqual([expect.stringMatching(message)]);
});

test('another time zone of the machine: times of the day are those of the new one, others stay', () => {
  const before = process.env['TZ'];
  onTestFinished(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });
  process.env['TZ'] = 'UTC';
  const { time, events } = play(new FakeTime(SATURDAY, UP_AN_HOUR), jobWith('CALENDAR=17:00'));
  time.setZone('Asia/Tokyo');
  time.pass(2 * HOUR);
  expect(events()).toEqual(['CALENDAR=17:00 @ 2026-11-28T08:00:00']);
  time.setZone('Europe/Berlin');
  time.pass(24 * HOUR);
  expect(events()).toEqual(['CALENDAR=17:00 @ 2026-11-28T16:00:00']);
});

const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
if (!canMount) console.log('skipped: another /etc/localtime, which needs root and a mount namespace');

test.runIf(canMount)('the zone of the machine is seen as soon as /etc/localtime is another one', async () => {
  const script = `import { symlinkSync, renameSync } from 'node:fs';
    import { watchTimeZone } from '${join(import.meta.dirname, '../dist/time-zone.js')}';
    const hours = () => new Date(0).getHours();
    const before = hours();
    const alive = setInterval(() => {}, 1000);
    watchTimeZone(() => { console.log(before, hours()); process.exit(); });
    symlinkSync('/usr/share/zoneinfo/Asia/Tokyo', '/etc/localtime.new');
    renameSync('/etc/localtime.new', '/etc/localtime');`;
  const world =
    'mount -t tmpfs tmpfs /mnt && cp -a /etc /mnt && mount --bind /mnt/etc /etc && ' +
    'ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime && exec "$0" --input-type=module -e "$1"';
  const { TZ: _, ...env } = process.env;
  const child = await promisify(execFile)('unshare', ['--mount', 'sh', '-c', world, process.execPath, script], { env });
  expect(child.stdout).toBe('1 9\n');
});

bothWays('time', (start) => {
  test('initctl timers tells what comes next, what came last, and for whom', async () => {
    const scene = await start({
      often: 'start on time EVERY=1s\ntask\nexec touch @HOME@/often',
      yearly: 'start on time CALENDAR="2099-12-24 18:00 UTC"\nexec true',
    });
    await expect.poll(() => scene.read('run/upstart-time-bridge.json'), SOON).toMatch(/"last":\d/);
    const { timers } = JSON.parse(await scene.initctl('timers', '--json'));
    expect(timers).toEqual([
      { event: ['EVERY=1s'], jobs: ['often'], next: expect.any(String), last: expect.any(String) },
      {
        event: ['CALENDAR=2099-12-24 18:00 UTC'],
        jobs: ['yearly'],
        next: '2099-12-24T18:00:00.000Z',
        last: null,
      },
    ]);
    const soon = Date.parse(timers[0].next) - Date.parse(timers[0].last);
    expect(soon).toBeGreaterThan(0);
    // The kernel tells since when it is up in hundredths of a second.
    expect(soon).toBeLessThan(1_020);
    expect(await scene.initctl('timers')).toMatch(/^NEXT .*\n.*EVERY=1s +often\n2099-12-24 .*yearly\n$/);
    await scene.endBridge();
    await expect(scene.initctl('timers')).rejects.toThrow(/The time bridge \(process \d+\) has ended/);
  });

  test('with the clocks of the machine and a daemon, jobs start at their times, each once', {
    timeout: 120_000,
  }, async () => {
    const scene = await start({
      often: 'start on time EVERY=1s\ntask\nexec sh -c "date +%s >> @HOME@/often"',
      calendar: 'start on time CALENDAR="*:*:* UTC"\ntask\nexec sh -c "echo $CALENDAR >> @HOME@/calendar"',
      minutely: 'start on time CALENDAR="minutely"\ntask\nexec sh -c "date +%S >> @HOME@/minutely"',
    });
    const begun = performance.now();
    const patience = { ...SOON, timeout: SOON.timeout + SECONDS * 1_000 };
    await expect.poll(() => scene.read('often').split('\n').length, patience).toBeGreaterThan(SECONDS);
    await expect.poll(() => scene.read('calendar').split('\n').length, patience).toBeGreaterThan(SECONDS);
    const most = (performance.now() - begun) / 1_000 + 2;
    expect(scene.read('often').split('\n').length).toBeLessThanOrEqual(most + 1);
    expect(scene.read('calendar')).toMatch(/^(\*:\*:\* UTC\n){2,}$/);
    if (SECONDS >= 60) expect(scene.read('minutely')).toMatch(/^0[0-2]\n/);
  });
});
