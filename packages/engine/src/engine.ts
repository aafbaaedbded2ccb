import type { Effect, Reply } from './effect.js';
import type { Input, SessionId } from './input.js';
import type { InstanceView, JobView } from './view.js';

/** Whose rules apply: Maverick's own, or the original's with its quirks. */
export type Semantics = 'maverick' | 'upstart';

export interface EngineOptions {
  /** Default `maverick`. */
  readonly semantics?: Semantics;
  /** The system session's job environment table, `KEY=VALUE`. Default empty. */
  readonly env?: readonly string[];
  /** The init daemon's own environment, where a bare `env KEY` takes its value. Default: the same as `env`. */
  readonly initEnv?: readonly string[];
  /** How long half a condition may hold a `starting` or `stopping` (rule E7), milliseconds; 0 = for ever. Default 90 000. */
  readonly hookTimeoutMs?: number;
}

/** The whole state of an engine as versioned JSON. */
export interface EngineSnapshot {
  readonly version: 1;
}

/**
 * Events, states, jobs and sessions as a deterministic machine: the same inputs in the same order give the same effects.
 * It touches nothing outside: perform the effects and tell it what came of them.
 */
export class Engine {
  constructor(_options: EngineOptions = {}) {}

  /** Take one input to its end and return what follows from it, in order. Never throws for what an input says. */
  dispatch(_input: Input): Effect[] {
    return [];
  }

  /** Every registered job class of a session, in the order of definition. */
  jobs(_session: SessionId): JobView[] {
    return [];
  }

  job(_session: SessionId, _name: string): JobView | undefined {
    return undefined;
  }

  instance(_session: SessionId, _job: string, _instance: string): InstanceView | undefined {
    return undefined;
  }

  /** The instance name that a start of the job with this environment would have (D-Bus `GetInstance`). */
  instanceName(
    _session: SessionId,
    _job: string,
    _env: readonly string[],
  ): { ok: true; name: string } | Extract<Reply, { ok: false }> {
    return { ok: true, name: '' };
  }

  snapshot(): EngineSnapshot {
    return { version: 1 };
  }

  /** An engine that goes on exactly where the snapshot was taken. */
  static restore(_snapshot: EngineSnapshot, options: EngineOptions = {}): Engine {
    return new Engine(options);
  }
}
