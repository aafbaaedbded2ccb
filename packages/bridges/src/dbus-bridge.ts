import { type BusClient, type BusSignal, connectBus, type Value } from '@maverick/dbus/client';
import { type Bridge, type BridgeKind, type Daemon, type FollowedJob, SettingError } from './bridge.js';
import { matchRule } from './match-rule.js';
import type { OwnOptions } from './option-table.js';
import { Outbox } from './outbox.js';
import { type Attended, Reconnect } from './reconnect.js';

export const DBUS_OPTIONS = {
  '--system': { help: 'listen on the bus of the system (default without --user)' },
  '--session': { help: 'listen on the bus of the session (default with --user)' },
  '--bus-name': { argument: 'NAME', help: 'have the variable BUS=NAME in events' },
  '--always': { help: 'emit every signal, whether a job asks for it or not' },
} as const satisfies OwnOptions;

interface DbusBridgeOptions {
  readonly bus: 'system' | 'session';
  /** The value of `BUS`. Absent: events have no such variable. */
  readonly busName?: string;
  /** Every signal, whoever asks. */
  readonly always?: boolean;
}

/** @throws SettingError */
export const readDbusSettings = (user: boolean, own: ReadonlyMap<string, string> = new Map()): DbusBridgeOptions => {
  if (own.has('--system') && own.has('--session')) throw new SettingError('--system and --session exclude each other');
  const busName = own.get('--bus-name');
  if (busName !== undefined && /^\s|^$/.test(busName)) throw new SettingError('--bus-name may not begin with a blank');
  return {
    bus: own.has('--session') || (user && !own.has('--system')) ? 'session' : 'system',
    ...(busName === undefined ? {} : { busName }),
    always: own.has('--always'),
  };
};

const EVERYTHING = "type='signal'";
/** The daemon's own: an event that is emitted is told there, and so would be emitted for ever. */
const OWN_PATH = '/com/ubuntu/Upstart';
const OWN_INTERFACE = 'com.ubuntu.Upstart0_6';
const BUS_INTERFACE = 'org.freedesktop.DBus';
/** Decimal places of a double, as the original has them. */
const PLACES = 6;

const BASIC_TYPES = /^[bnqiuxtdso]$/;

const textOf = (type: string, value: Value | undefined): string => {
  if (type === 'b') return value === true ? 'TRUE' : 'FALSE';
  return type === 'd' ? Number(value).toFixed(PLACES) : String(value);
};

/** The complete types of a signature. */
const typesOf = (signature: string): readonly string[] => {
  const types: string[] = [];
  let depth = 0;
  let type = '';
  for (const letter of signature) {
    type += letter;
    if (letter === '(' || letter === '{') depth += 1;
    else if (letter === ')' || letter === '}') depth -= 1;
    if (depth > 0 || letter === 'a') continue;
    types.push(type);
    type = '';
  }
  return types;
};

/** What is no simple value is passed over, but counted. */
const argumentsOf = ({ signature, body }: BusSignal): readonly string[] =>
  typesOf(signature).flatMap((type, index) =>
    BASIC_TYPES.test(type) ? [`ARG${index}=${textOf(type, body[index])}`] : [],
  );

/** A connection to the bus, and the rules that are in force there. */
interface Listening extends Attended {
  readonly bus: BusClient;
  readonly rules: Set<string>;
}

class DbusBridge implements Bridge {
  readonly #daemon: Daemon;
  readonly #options: DbusBridgeOptions;
  readonly #outbox: Outbox;
  readonly #connection: Reconnect<Listening>;
  #wanted: ReadonlySet<string> = new Set();
  /** Interfaces that a condition names. */
  #named: ReadonlySet<string> = new Set();

  constructor(daemon: Daemon, options: DbusBridgeOptions) {
    this.#daemon = daemon;
    this.#options = options;
    this.#outbox = new Outbox(daemon);
    this.#connection = new Reconnect(() => this.#listen(), 'D-Bus', daemon.report);
  }

  async follow(jobs: readonly FollowedJob[]): Promise<void> {
    const sought = jobs.flatMap(({ start, stop }) => [...start, ...stop]);
    const rules = sought.flatMap((each) => matchRule(each) ?? []);
    this.#wanted = new Set(this.#options.always ? [EVERYTHING] : rules);
    this.#named = new Set(sought.flatMap(({ args }) => args.flatMap((arg) => /^INTERFACE=(.*)/.exec(arg)?.[1] ?? [])));
    this.#outbox.open();
    await this.#connection.begin();
    const { current } = this.#connection;
    if (current !== undefined) await this.#ask(current);
  }

  instancesChanged(): void {
    // Signals come whether the job runs or not.
  }

  lost(): void {
    this.#outbox.hold();
  }

  close(): void {
    this.#connection.close();
  }

  async #listen(): Promise<Listening> {
    const bus = await connectBus(this.#options.bus, (signal) => this.#signalled(signal));
    const listening = { bus, rules: new Set<string>(), ended: bus.closed, close: () => bus.close() };
    let asked: ReadonlySet<string> | undefined;
    while (asked !== this.#wanted) {
      asked = this.#wanted;
      await this.#ask(listening);
    }
    return listening;
  }

  /** Have the bus send what is wanted, and nothing else. */
  async #ask({ bus, rules }: Listening): Promise<void> {
    const wanted = this.#wanted;
    const added = [...wanted].filter((rule) => !rules.has(rule));
    const removed = [...rules].filter((rule) => !wanted.has(rule));
    for (const rule of added) rules.add(rule);
    for (const rule of removed) rules.delete(rule);
    const refused = (rule: string) => (error: unknown) => {
      rules.delete(rule);
      this.#daemon.report(
        'warn',
        `D-Bus does not take the rule ${rule}: ${error instanceof Error ? error.message : error}`,
      );
    };
    await Promise.all([
      ...added.map((rule) => bus.addMatch(rule).catch(refused(rule))),
      ...removed.map((rule) => bus.removeMatch(rule).catch(() => {})),
    ]);
  }

  #signalled(signal: BusSignal): void {
    if (this.#wanted.size === 0 || this.#isOwn(signal)) return;
    const { member, interface: name, path, sender, destination } = signal;
    const { busName } = this.#options;
    const variables = [
      ['SIGNAL', member],
      ['BUS', busName],
      ['INTERFACE', name],
      ['OBJPATH', path],
      ['SENDER', sender],
      ['DESTINATION', destination],
    ] as const;
    const env = variables.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
    this.#outbox.push({ env: [...env, ...argumentsOf(signal)] });
  }

  /** Not of the world: what the daemon says of itself, and the bus of this connection. */
  #isOwn({ path, interface: name, destination }: BusSignal): boolean {
    if (name === OWN_INTERFACE || (name === BUS_INTERFACE && destination !== undefined)) return true;
    return path.startsWith(OWN_PATH) && !this.#named.has(name);
  }
}

/**
 * Event `dbus`: a signal on a bus. Only those are received that a job asks for, as far as the bus can tell.
 * @see spec: bridges.md 4
 */
export const dbusBridgeWith = (options: DbusBridgeOptions): BridgeKind => ({
  event: 'dbus',
  make: (daemon) => new DbusBridge(daemon, options),
});
