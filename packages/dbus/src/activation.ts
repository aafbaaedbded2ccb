import type { Notification } from '@maverick/engine';
import { ACTIVATION_EVENT, jobsFor } from './activation-match.js';
import { BUS_DAEMON, nameHasOwner, requestName, unwatchName, watchName } from './bus-calls.js';
import type { Connection } from './connection.js';
import { ERROR_NAMES, type ErrorCode } from './error-names.js';
import { INTROSPECTABLE } from './interfaces.js';
import { introspect } from './introspection.js';
import type { CallMessage, Received, SignalMessage } from './message.js';
import type { ModelChange, UpstartModel } from './model.js';
import { isInterfaceName } from './names.js';
import { SYSTEM_SESSION } from './object-path.js';
import { namesOfUnit } from './service-files.js';

/** How names on a bus are activated. */
export interface ActivationOptions {
  /** What the event says in `BUS`. */
  readonly bus: 'system' | 'session';
  /** Where the bus looks for service files, the first first. Default: none, so a unit must be a bus name itself. */
  readonly serviceDirectories?: readonly string[];
}

/** Whoever has this name is asked by the bus to start what it can't start itself. */
const ACTIVATOR_NAME = 'org.freedesktop.systemd1';
const ACTIVATOR_PATH = '/org/freedesktop/systemd1';
const ACTIVATOR = 'org.freedesktop.systemd1.Activator';
const ACTIVATOR_MANAGER = 'org.freedesktop.systemd1.Manager';

type News = Notification | ModelChange;

/** What the bus waits for: that a name of this unit gets an owner. */
interface Request {
  readonly unit: string;
  readonly names: readonly string[];
  /** The jobs that could bring it. */
  readonly jobs: readonly string[];
  /** One of them has been at work for it, or will not be. */
  begun: boolean;
  /** So many events have not been answered yet. */
  asked: number;
  readonly timer: NodeJS.Timeout;
}

/** A job that wanted the event does not start: its `while` does not hold, say, or its instance can't be named. */
const DECLINES: ReadonlySet<News['kind']> = new Set<News['kind']>(['start-refused', 'instance-unnamed', 'start-loop']);

/** The job of the system that something is about: another session's of the same name has no part in it. */
const jobOf = (news: News): string | undefined => {
  if (news.kind === 'instance-unnamed') return news.session === SYSTEM_SESSION ? news.job : undefined;
  return 'instance' in news && news.instance?.session === SYSTEM_SESSION ? news.instance.job : undefined;
};

/** The bus has long given up then: half a condition may wait for its other half for ever. */
const FORGET_MS = 180_000;

/**
 * Starts jobs for names that nobody has, as `dbus-daemon --systemd-activation` asks for it: each request becomes the event
 * `dbus-activation`, and where nothing comes of it the bus is told at once, so that no caller waits for its time limit.
 * @see spec: bridges.md section 9
 */
export class Activation {
  private readonly model: UpstartModel;
  private readonly connection: Connection;
  private readonly options: ActivationOptions;
  /** By unit: the bus asks once more for every name, and an answer is for all of them. */
  private readonly requests = new Map<string, Request>();
  private unsubscribe: (() => void) | undefined;

  constructor(model: UpstartModel, connection: Connection, options: ActivationOptions) {
    this.model = model;
    this.connection = connection;
    this.options = options;
  }

  /** Offer to activate names, where nobody else does. */
  async begin(): Promise<void> {
    try {
      if (!(await requestName(this.connection, ACTIVATOR_NAME))) return;
    } catch {
      // This bus does not let us: then it is somebody else's to do.
      return;
    }
    this.unsubscribe ??= this.model.subscribe((news) => this.hear(news));
  }

  close(): void {
    this.unsubscribe?.();
    for (const { timer } of this.requests.values()) clearTimeout(timer);
    this.requests.clear();
  }

  /** What the bus daemon itself says. */
  signalled({ interface: name, member, signature, body }: SignalMessage): void {
    const [first, , owner] = body;
    if (name === ACTIVATOR && member === 'ActivationRequest' && signature === 's') this.requested(String(first));
    else if (member === 'NameOwnerChanged' && signature === 'sss' && owner !== '') this.owned(String(first));
  }

  /** @returns whether the call was for the object that comes with the activator's name */
  called(call: Received<CallMessage>): boolean {
    if (call.path !== ACTIVATOR_PATH) return false;
    if (call.member === 'Introspect' && (call.interface ?? INTROSPECTABLE.name) === INTROSPECTABLE.name) {
      const text = introspect({ path: ACTIVATOR_PATH, interfaces: [INTROSPECTABLE], children: [] });
      this.connection.reply(call, 's', [text]);
      return true;
    }
    if (call.sender !== BUS_DAEMON || call.interface !== ACTIVATOR_MANAGER) return false;
    if (call.member !== 'SetEnvironment' || call.signature !== 'as') return false;
    this.setEnvironment(call.body[0] as readonly string[]);
    this.connection.reply(call, '', []);
    return true;
  }

  /** What the session tells the bus, the bus tells us. It is not told again: that would go round for ever. */
  private setEnvironment(variables: readonly string[]): void {
    const valid = variables.filter((variable) => variable.indexOf('=') > 0);
    if (this.options.bus === 'session' && valid.length > 0) this.model.takeActivationEnvironment?.(valid);
  }

  private requested(unit: string): void {
    const names = namesOfUnit(unit, this.options.serviceDirectories ?? []);
    const events = names.map((name) => [`NAME=${name}`, `BUS=${this.options.bus}`, `UNIT=${unit}`]);
    const jobs = events.flatMap((env) => jobsFor(this.model.jobs(), env));
    if (jobs.length === 0) this.fail(unit, 'UnknownJob', `No job starts on dbus-activation for ${unit}`);
    else this.emit(this.await(unit, names, jobs), events);
  }

  private await(unit: string, names: readonly string[], jobs: readonly string[]): Request {
    const before = this.requests.get(unit);
    if (before) this.forget(before);
    const forget = (): void => void this.forget(request);
    const timer = setTimeout(forget, FORGET_MS).unref();
    const request: Request = { unit, names, jobs, begun: false, asked: 0, timer };
    this.requests.set(unit, request);
    for (const name of names) watchName(this.connection, name).catch(() => {});
    return request;
  }

  private emit(request: Request, events: readonly (readonly string[])[]): void {
    for (const env of events) {
      request.asked += 1;
      this.model.emit({ name: ACTIVATION_EVENT, env, wait: true }, (reply) => {
        request.asked -= 1;
        if (!reply.ok) this.failed(request);
        else this.look(request);
      });
    }
    this.look(request);
  }

  private hear(news: News): void {
    const job = this.requests.size === 0 ? undefined : jobOf(news);
    if (job === undefined) return;
    for (const request of [...this.requests.values()]) {
      if (!request.jobs.includes(job)) continue;
      // Whether another job takes the event is known when it is answered.
      if (!DECLINES.has(news.kind)) this.look(request);
      else if (request.asked > 0) request.begun = true;
    }
  }

  /** Once a job has been at work for it and none is any more, nobody will bring the name. */
  private look(request: Request): void {
    const atWork = request.jobs.some((job) => this.model.job(job)?.instances.some(({ goal }) => goal !== 'stop'));
    if (atWork) request.begun = true;
    else if (request.begun) this.failed(request);
  }

  /** A job may have brought the name and gone since: the bus knows. */
  private failed(request: Request): void {
    if (this.requests.get(request.unit) !== request) return;
    Promise.all(request.names.map((name) => nameHasOwner(this.connection, name)))
      .then((owned) => {
        if (owned.includes(true) || !this.forget(request)) return;
        this.fail(request.unit, 'JobFailed', 'Job failed to start');
      })
      .catch(() => {});
  }

  private owned(name: string): void {
    for (const request of this.requests.values()) if (request.names.includes(name)) this.forget(request);
  }

  /** @returns whether it was still waited for */
  private forget(request: Request): boolean {
    if (this.requests.get(request.unit) !== request) return false;
    this.requests.delete(request.unit);
    clearTimeout(request.timer);
    for (const name of request.names) unwatchName(this.connection, name).catch(() => {});
    return true;
  }

  /** A name of an error or types that are not right would bring the bus daemon down, so they are looked at again. */
  private fail(unit: string, code: ErrorCode, text: string): void {
    const errorName = ERROR_NAMES[code];
    if (!isInterfaceName(errorName)) return;
    const message = { path: ACTIVATOR_PATH, interface: ACTIVATOR, member: 'ActivationFailure' } as const;
    const body = [unit, errorName, text];
    this.connection.send({ ...message, kind: 'signal', destination: BUS_DAEMON, signature: 'sss', body });
  }
}
