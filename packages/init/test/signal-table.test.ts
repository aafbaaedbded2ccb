import { describe, expect, test } from 'vitest';
import { type SignalAction, signalTable } from '../src/signal-table.js';

const kinds = (table: ReturnType<typeof signalTable>) =>
  Object.fromEntries(Object.entries(table).map(([name, action]: [string, SignalAction]) => [name, action.kind]));

test('the init of a machine makes events of what happens to it', () => {
  expect(signalTable('system', false)).toMatchObject({
    SIGINT: { kind: 'emit', name: 'control-alt-delete' },
    SIGWINCH: { kind: 'emit', name: 'keyboard-request' },
    SIGPWR: { kind: 'emit', name: 'power-status-changed' },
    SIGTERM: { kind: 'restart' },
    SIGHUP: { kind: 'reload' },
    SIGUSR1: { kind: 'seek-bus' },
  });
});

test.each(['user', 'session'] as const)('the init of a %s session ends by SIGTERM and SIGINT', (mode) => {
  expect(kinds(signalTable(mode, false))).toEqual({
    SIGHUP: 'reload',
    SIGUSR1: 'seek-bus',
    SIGTERM: 'stop',
    SIGINT: 'stop',
  });
});

describe('the init of a container', () => {
  test('ends by whatever its runtime asks with', () => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGRTMIN+3', 'SIGRTMIN+4', 'SIGPWR'] as const)
      expect(signalTable('container', false)[name]).toEqual({ kind: 'stop' });
  });

  test('gives its program what is not about the container as a whole', () => {
    expect(kinds(signalTable('container', true))).toEqual({
      SIGTERM: 'stop',
      'SIGRTMIN+3': 'stop',
      'SIGRTMIN+4': 'stop',
      SIGPWR: 'stop',
      SIGINT: 'forward',
      SIGQUIT: 'forward',
      SIGHUP: 'forward',
      SIGUSR1: 'forward',
      SIGUSR2: 'forward',
      SIGWINCH: 'forward',
      SIGALRM: 'forward',
      SIGCONT: 'forward',
      SIGURG: 'forward',
    });
  });
});
