import type { InstanceRef, LogPriority } from '@maverick/engine';

/** How grave a message is, the least first. */
const GRAVITY = { debug: 0, info: 1, message: 2, warn: 3, error: 4, fatal: 5 } as const satisfies Record<
  LogPriority,
  number
>;

/** Something that people are told. */
export interface LogMessage {
  readonly priority: LogPriority;
  readonly text: string;
  /** Whom it is about, where it is about one instance. */
  readonly instance?: InstanceRef | undefined;
}

/** Where messages go. It never throws and never waits. */
export type LogSink = (message: LogMessage) => void;

/** Messages for people, from a priority upwards. */
export class Log {
  priority: LogPriority;
  #sink: LogSink;

  constructor(priority: LogPriority, sink: LogSink) {
    this.priority = priority;
    this.#sink = sink;
  }

  /** Whether messages of this priority are written. */
  tells(priority: LogPriority): boolean {
    return GRAVITY[priority] >= GRAVITY[this.priority];
  }

  write(priority: LogPriority, text: string, instance?: InstanceRef): void {
    if (this.tells(priority)) this.#sink({ priority, text, instance });
  }

  /** Send what comes from now on somewhere else. */
  sendTo(sink: LogSink): void {
    this.#sink = sink;
  }
}
