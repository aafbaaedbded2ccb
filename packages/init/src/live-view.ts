import { oneLine } from '@maverick/conf';
import { displayName, type InstanceRef, ofSession } from '@maverick/engine';
import type { Moment, SupervisorEventOf, SupervisorListener } from '@maverick/supervisor';
import type { Environment } from './directories.js';

export interface LiveViewOptions {
  readonly write: (text: string) => void;
  /** Paint with terminal colours. */
  readonly colour: boolean;
}

const COLOURS = { dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
type Colour = keyof typeof COLOURS;

/** The narrowest first column; it grows with the longest name. */
const NAME_WIDTH = 8;

const clockTime = (wall: number): string => {
  const date = new Date(wall);
  const two = (number: number): string => String(number).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
};

/** As the log names it. */
const nameOf = (instance: InstanceRef): string => oneLine(displayName(instance));

const failureText = ({ process, status }: SupervisorEventOf<'job-failed'>): string => {
  if (process === 'respawn') return 'respawned too often';
  if (process === 'timeout') return 'not up in time';
  if (status < 0) return `${process} process could not be started`;
  return status < 256
    ? `${process} process exited with status ${status}`
    : `${process} process killed by signal ${status >> 8}`;
};

/** One readable line for each event and each change of state, as they happen. */
export class LiveView {
  readonly #write: (text: string) => void;
  readonly #colour: boolean;
  readonly #mainPids = new Map<string, number>();
  #width = NAME_WIDTH;
  /** A change of state that the next one may carry further. */
  #pending: { readonly change: SupervisorEventOf<'state-changed'>; readonly moment: Moment } | undefined;

  constructor({ write, colour }: LiveViewOptions) {
    this.#write = write;
    this.#colour = colour;
  }

  readonly listener: SupervisorListener = (event, moment) => {
    switch (event.kind) {
      case 'event-handling':
        return this.#line(moment, 'event', 'cyan', this.#eventText(event));
      case 'state-changed':
        return this.#change(event, moment);
      case 'job-failed':
        return this.#line(moment, nameOf(event.instance), 'red', `failed: ${failureText(event)}`);
      case 'job-respawning':
        return this.#line(moment, nameOf(event.instance), 'yellow', 'ended, respawning');
      case 'process-started':
        if (event.role === 'main') this.#mainPids.set(nameOf(event.instance), event.pid);
        return undefined;
      case 'process-ended':
        if (event.role === 'main') this.#mainPids.delete(nameOf(event.instance));
        return undefined;
      default:
        return undefined;
    }
  };

  #eventText({ name, env, session }: SupervisorEventOf<'event-handling'>): string {
    const variables = env.filter((entry) => !entry.endsWith('='));
    return [
      `${oneLine(name)}${ofSession(session)}`,
      ...variables.map((entry) => this.#paint('dim', oneLine(entry))),
    ].join(' ');
  }

  /** States that are passed through at once make one line; one in which something is awaited ends it. */
  #change(change: SupervisorEventOf<'state-changed'>, moment: Moment): void {
    const before = this.#pending?.change;
    const name = nameOf(change.instance);
    if (before !== undefined && nameOf(before.instance) === name && before.to === change.from) {
      this.#pending = { change: { ...change, from: before.from }, moment };
      return;
    }
    this.#flush();
    this.#pending = { change, moment };
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    if (this.#pending === undefined) return;
    const { change, moment } = this.#pending;
    this.#pending = undefined;
    const name = nameOf(change.instance);
    const pid = change.to === 'running' ? this.#mainPids.get(name) : undefined;
    const to = change.to === 'running' ? this.#paint('green', change.to) : change.to;
    this.#line(moment, name, undefined, `${change.from} → ${to}${pid === undefined ? '' : `, process ${pid}`}`);
  }

  #line({ wall }: Moment, name: string, colour: Colour | undefined, text: string): void {
    this.#flush();
    this.#width = Math.max(this.#width, name.length);
    const column = name.padEnd(this.#width);
    this.#write(`${this.#paint('dim', clockTime(wall))}  ${colour ? this.#paint(colour, column) : column} ${text}\n`);
  }

  #paint(colour: Colour, text: string): string {
    return this.#colour ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;
  }
}

/** On the standard output, in colour for a person. */
export const standardLiveView = (env: Environment): LiveView => {
  const { stdout } = process;
  const colour = stdout.isTTY === true && !env.NO_COLOR;
  return new LiveView({ write: (text) => stdout.write(text), colour });
};
