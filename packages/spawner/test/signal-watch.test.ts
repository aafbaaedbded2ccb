import { afterEach, describe, expect, test } from 'vitest';
import { native } from '../src/native.js';
import { type SignalWatch, watchSignal } from '../src/signal-watch.js';

let watch: SignalWatch | undefined;
afterEach(() => {
  watch?.close();
});

describe('a watched signal', () => {
  test.each([
    { what: 'SIGPWR', signal: 'SIGPWR', number: 30 },
    { what: 'SIGWINCH', signal: 'SIGWINCH', number: 28 },
    { what: 'SIGRTMIN', signal: 34, number: 34 },
    { what: 'SIGRTMAX', signal: 64, number: 64 },
  ] as const)('$what comes in the event loop', async ({ signal, number }) => {
    await new Promise<void>((resolve) => {
      watch = watchSignal(signal, resolve);
      expect(native.killProcess(process.pid, number, false)).toBe(0);
    });
  });

  test('lives beside a handler of process.on', async () => {
    const told: string[] = [];
    await new Promise<void>((resolve) => {
      const both = (who: string) => {
        told.push(who);
        if (told.length === 2) resolve();
      };
      watch = watchSignal('SIGPWR', () => both('watch'));
      process.once('SIGPWR', () => both('process'));
      process.kill(process.pid, 'SIGPWR');
    });
    expect(told.sort()).toEqual(['process', 'watch']);
  });

  test.each(['SIGKILL', 'SIGSTOP', 0, 65, -1] as const)('%s can not be watched', (signal) => {
    expect(() => watchSignal(signal, () => {})).toThrow(
      expect.objectContaining({ name: 'SystemError', code: 'EINVAL', syscall: 'sigaction' }),
    );
  });
});
