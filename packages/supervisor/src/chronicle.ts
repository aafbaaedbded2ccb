import type { Effect, Engine, EngineOptions, Explanation, Input, InstanceRef, Notification } from '@maverick/engine';
import type { Clock } from './clock.js';
import type { Moment, SupervisorNotice } from './event.js';
import {
  type Began,
  beginLine,
  FactEntry,
  inputLine,
  isNews,
  type JournalEntry,
  type JournalSink,
  lineEntry,
  snapshotLine,
} from './journal.js';
import { Listeners } from './listeners.js';
import { Narrator, type NarratorPorts } from './narrator.js';

export interface ChroniclePorts {
  readonly clock: Clock;
  readonly engine: () => Engine;
  readonly journal: JournalSink | undefined;
  readonly explain: (instance: InstanceRef) => Explanation | undefined;
  readonly overrideOf: NarratorPorts['overrideOf'];
}

/** Tells what happens: to listeners as it is, to the journal as facts, and to people in words. */
export class Chronicle {
  readonly listeners = new Listeners();
  readonly #ports: ChroniclePorts;
  readonly #narrator: Narrator;
  #began: Began | undefined;
  /** A crash may have taken the newest lines of the supervisor before: nobody can go on from them. */
  #owesSnapshot = false;

  constructor(ports: ChroniclePorts) {
    this.#ports = ports;
    const { engine, explain, overrideOf } = ports;
    this.#narrator = new Narrator({
      // For people: the journal has the same as facts.
      say: (priority, message, instance) =>
        this.listeners.publish({ kind: 'message', priority, message, instance }, this.#now()),
      explain,
      mainPid: ({ session, job, instance }) =>
        engine()
          .instance(session, job, instance)
          ?.processes.find(({ role }) => role === 'main')?.pid,
      overrideOf,
    });
  }

  /** The first line: from here on the journal tells of this supervisor. */
  begin(continued: boolean, options: EngineOptions): void {
    const { inputs } = this.#ports.engine();
    const moment = this.#now();
    this.#began = { pid: process.pid, options, moment: continued ? undefined : moment };
    this.#write(() => lineEntry(beginLine({ pid: process.pid, continued, inputs, options }, moment)));
    if (inputs === 0) this.#ports.journal?.snapshot?.(undefined);
    this.#owesSnapshot = inputs > 0;
  }

  /** Something of the supervisor's own. */
  notice(notice: SupervisorNotice, moment: Moment = this.#now()): void {
    this.#write(() => new FactEntry(notice, moment));
    this.listeners.publish(notice, moment);
  }

  /** The engine is about to take an input. */
  input(input: Input, moment: Moment): void {
    this.#snapshot(moment);
    this.#write(() => lineEntry(inputLine(input, this.#ports.engine().inputs + 1, moment)));
    this.#narrator.input(input);
  }

  /** What the engine wants done or known is about to be done: only the journal is told so early. */
  fact(effect: Effect, moment: Moment): void {
    if (isNews(effect)) this.#write(() => new FactEntry(effect, moment));
  }

  /** What the engine wants known. */
  notification(effect: Notification, moment: Moment): void {
    this.listeners.publish(effect, moment);
    this.#narrator.effect(effect);
  }

  /** Everything that the input brought about is done. */
  settled(): void {
    this.#narrator.settled();
  }

  /** Between two inputs nothing is pending: that is when the engine can be told whole. */
  #snapshot(moment: Moment): void {
    const { journal, engine } = this.#ports;
    if (this.#began === undefined || journal === undefined || journal.wanted === false) return;
    if (!this.#owesSnapshot && journal.wantsSnapshot !== true) return;
    this.#owesSnapshot = false;
    journal.snapshot?.(snapshotLine(this.#began, engine().snapshotText(), moment));
  }

  /** Entries are made only for a journal that wants them: there are dozens to each start of a job. */
  #write(entry: () => JournalEntry): void {
    const { journal } = this.#ports;
    if (journal !== undefined && journal.wanted !== false) journal.write(entry());
  }

  #now(): Moment {
    const { clock } = this.#ports;
    return { at: clock.now(), wall: clock.wall() };
  }
}
