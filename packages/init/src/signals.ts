import { constants } from 'node:os';
import { watchSignal } from '@maverick/spawner';
import { REAL_TIME_SIGNALS, type SignalAction, type SignalName, type SignalTable } from './signal-table.js';

/** Who does what signals ask for. */
export type SignalPorts = {
  readonly [K in SignalAction['kind']]: (action: Extract<SignalAction, { kind: K }>, signal: number) => void;
} & {
  /** Doing it has failed. */
  readonly failed: (error: unknown) => void;
};

const isRealTime = (name: SignalName): name is keyof typeof REAL_TIME_SIGNALS => Object.hasOwn(REAL_TIME_SIGNALS, name);

export const signalNumber = (name: SignalName): number =>
  isRealTime(name) ? REAL_TIME_SIGNALS[name] : constants.signals[name];

const obey = (action: SignalAction, signal: number, ports: SignalPorts): void => {
  try {
    // One row a kind, each taking its own action: a link that TypeScript cannot follow through an index.
    (ports[action.kind] as (action: SignalAction, signal: number) => void)(action, signal);
  } catch (error) {
    ports.failed(error);
  }
};

/**
 * Obey signals from now on.
 * @returns what leaves all of them to their default action again
 */
export const obeySignals = (table: SignalTable, ports: SignalPorts): (() => void) => {
  const rows = Object.entries(table) as [SignalName, SignalAction][];
  const watches = rows.map(([name, action]) => {
    const signal = signalNumber(name);
    const handler = (): void => obey(action, signal, ports);
    if (isRealTime(name)) {
      const watch = watchSignal(signal, handler).unref();
      return () => watch.close();
    }
    process.on(name, handler);
    return () => void process.off(name, handler);
  });
  return () => {
    for (const close of watches) close();
  };
};
