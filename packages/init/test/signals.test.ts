import { afterEach, expect, test } from 'vitest';
import type { SignalTable } from '../src/signal-table.js';
import { obeySignals, type SignalPorts, signalNumber } from '../src/signals.js';

let close: (() => void) | undefined;
afterEach(() => close?.());

/** The next thing that comes of a signal that this process sends itself. */
const obeyed = (table: SignalTable, signal: number, ports: Partial<SignalPorts> = {}): Promise<unknown> =>
  new Promise((resolve) => {
    const tell = (action: unknown, number?: unknown): void => resolve({ action, number });
    close = obeySignals(table, {
      reload: tell,
      'seek-bus': tell,
      stop: tell,
      restart: tell,
      emit: tell,
      runlevel: tell,
      forward: tell,
      failed: (error) => resolve({ failed: error }),
      ...ports,
    });
    process.kill(process.pid, signal);
  });

test.each(['SIGHUP', 'SIGPWR', 'SIGWINCH', 'SIGRTMIN+3'] as const)('%s is obeyed', async (name) => {
  const action = { kind: 'emit', name: 'e' } as const;
  const signal = signalNumber(name);
  expect(await obeyed({ [name]: action }, signal)).toEqual({ action, number: signal });
});

test('what fails is told to whoever contains it', async () => {
  const fault = new Error('a bug');
  const reload = (): never => {
    throw fault;
  };
  expect(await obeyed({ SIGHUP: { kind: 'reload' } }, signalNumber('SIGHUP'), { reload })).toEqual({ failed: fault });
});
