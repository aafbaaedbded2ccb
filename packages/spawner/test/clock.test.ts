import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Clock, clockNow, type KernelTimer, kernelTimer, type TimerNews } from '../src/clock.js';
import { compileStatic } from './helpers/compile.js';

let timer: KernelTimer | undefined;
const folder = mkdtempSync(join(tmpdir(), 'maverick-clock-'));
afterEach(() => {
  timer?.close();
});

/** A timer and its news, one after the other. */
const open = (clock: Clock) => {
  const news: TimerNews[] = [];
  let told: () => void = () => {};
  timer = kernelTimer(clock, (what) => {
    news.push(what);
    told();
  });
  const next = async (): Promise<TimerNews> => {
    if (news.length === 0) await new Promise<void>((resolve) => (told = resolve));
    return news.shift() as TimerNews;
  };
  return { timer, next };
};

describe('what clocks show', () => {
  test('realtime is the time of day', () => {
    const before = Date.now();
    const now = clockNow('realtime');
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThan(Date.now() + 1);
  });

  test('boottime is what the kernel calls uptime', () => {
    const [uptime] = readFileSync('/proc/uptime', 'utf8').split(' ');
    const now = clockNow('boottime');
    expect(now).toBeGreaterThanOrEqual(Number(uptime) * 1000);
    expect(now).toBeGreaterThanOrEqual(clockNow('monotonic') - 1000);
  });
});

describe('a timer', () => {
  test.each(['realtime', 'monotonic', 'boottime'] as const)(
    'on %s is due when its clock shows the time',
    async (clock) => {
      const { timer, next } = open(clock);
      const at = clockNow(clock) + 20;
      timer.set(at);
      expect(await next()).toBe('due');
      expect(clockNow(clock)).toBeGreaterThanOrEqual(at);
    },
  );

  test.each([
    { what: 'a time that is past', at: () => clockNow('boottime') - 1000 },
    { what: 'zero', at: () => 0 },
    { what: 'a time before all', at: () => -1e9 },
    { what: 'minus infinity', at: () => Number.NEGATIVE_INFINITY },
  ])('is due at once for $what', async ({ at }) => {
    const { timer, next } = open('boottime');
    timer.set(at());
    expect(await next()).toBe('due');
  });

  test('can be set again and again, the last time counts', async () => {
    const { timer, next } = open('monotonic');
    timer.set(0);
    timer.set(Number.POSITIVE_INFINITY);
    timer.set(1e300);
    timer.set(clockNow('monotonic') + 5);
    expect(await next()).toBe('due');
    timer.set(clockNow('monotonic') + 5);
    expect(await next()).toBe('due');
  });

  test('can not be set to what is no number, nor once closed', () => {
    const { timer } = open('boottime');
    expect(() => timer.set(Number.NaN)).toThrow(RangeError);
    timer.close();
    timer.close();
    timer.set(0);
  });
});

describe('when somebody sets the clock', () => {
  const setClock = join(folder, 'set-clock');
  let canSet = false;
  beforeAll(() => {
    canSet = compileStatic('set-clock.c', setClock) && spawnSync(setClock).status === 0;
    if (!canSet) console.warn('skipped: only root with CAP_SYS_TIME can set the clock');
    return () => rmSync(folder, { recursive: true });
  });

  test('a realtime timer tells, each time, whether or not it has a time', async (context) => {
    context.skip(!canSet);
    const { timer, next } = open('realtime');
    expect(spawnSync(setClock).status).toBe(0);
    expect(await next()).toBe('clock-set');
    timer.set(clockNow('realtime') + 1e7);
    expect(spawnSync(setClock).status).toBe(0);
    expect(await next()).toBe('clock-set');
    timer.set(clockNow('realtime') + 5);
    expect(await next()).toBe('due');
    expect(spawnSync(setClock).status).toBe(0);
    expect(await next()).toBe('clock-set');
  });

  test('it tells even if it is set to another time before it could', async (context) => {
    context.skip(!canSet);
    const { timer, next } = open('realtime');
    expect(spawnSync(setClock).status).toBe(0);
    timer.set(clockNow('realtime') + 20);
    expect(await next()).toBe('clock-set');
    expect(await next()).toBe('due');
  });

  test('other clocks know nothing of it', async (context) => {
    context.skip(!canSet);
    const { timer, next } = open('boottime');
    timer.set(clockNow('boottime') + 20);
    expect(spawnSync(setClock).status).toBe(0);
    expect(await next()).toBe('due');
  });
});
