import type { ProcessRole } from '@maverick/conf';
import { listClass } from './class-registry.js';
import { compileDefinition, type Definition } from './definition.js';
import type { Environment } from './environment.js';
import type { QueuedEvent } from './event.js';
import type { ProcessId, SessionId } from './input.js';
import { type Instance, newInstance } from './instance.js';
import { type Confirming, type JobClass, type LastRun, newClass } from './job-class.js';
import type { Records } from './memory.js';
import type { Origin } from './origin.js';
import { type OriginIndex, type OriginSnapshot, OriginTable, restoreOrigins } from './origin-table.js';
import { type FlatDefinition, flatten, unflatten } from './postfix.js';
import type { Quiesce } from './quiesce.js';
import { registerCall } from './reply.js';
import type { Rules } from './rules.js';
import type { SessionLimits } from './session-limits.js';
import type { Timer } from './timer.js';
import { type Call, newSession, newWorld, type Process, sessionOf, type World } from './world.js';

/** An index into {@link EngineSnapshot.definitions}. */
type DefinitionIndex = number;

type ClassFields = 'name' | 'order' | 'definedAt' | 'deleted' | 'startHolds' | 'idleSince';

interface InstanceSnapshot
  extends Omit<Partial<Instance>, 'ref' | 'jobClass' | 'definition' | 'processes' | 'because'> {
  readonly id: number;
  readonly name: string;
  readonly definition: DefinitionIndex;
  readonly processes: readonly (readonly [ProcessRole, ProcessId])[];
  readonly because?: OriginIndex | undefined;
}

type EventSnapshot = Omit<QueuedEvent, 'because'> & { readonly because: OriginIndex };

interface ClassSnapshot extends Pick<JobClass, ClassFields> {
  readonly definition: DefinitionIndex;
  readonly next: DefinitionIndex | 'removed' | null;
  readonly named: readonly (readonly [string, Records])[];
  readonly common: Records;
  readonly episodes: readonly (readonly [string, Environment])[];
  readonly instances: readonly InstanceSnapshot[];
  readonly lastRun?: (Omit<LastRun, 'because'> & { readonly because: OriginIndex | undefined }) | undefined;
}

interface SessionSnapshot {
  readonly id: SessionId;
  readonly env: Environment;
  readonly initialEnv: Environment;
  readonly limits?: SessionLimits;
  readonly confirming?: Confirming;
  readonly closing: boolean;
  readonly classes: readonly ClassSnapshot[];
}

/**
 * The whole state of an engine as JSON-safe data. Only `version` is for others to look at: a later version of the engine
 * reads it, or says that it can't.
 */
export interface EngineSnapshot {
  readonly version: 1;
  readonly semantics: 'maverick' | 'upstart';
  readonly now: number;
  readonly input: number;
  readonly next: World['next'];
  readonly definitions: readonly { readonly conf: FlatDefinition; readonly cyclic: boolean }[];
  readonly sessions: readonly SessionSnapshot[];
  /** What led to the goals and events: each after the one that it refers to. */
  readonly origins: readonly OriginSnapshot[];
  readonly events: readonly EventSnapshot[];
  readonly processes: readonly Process[];
  readonly timers: readonly Timer[];
  readonly calls: readonly Call[];
  readonly fds: readonly (readonly [fd: number, owners: number])[];
  readonly quiesce: Quiesce | null;
}

/** A snapshot that this engine can't go on from. */
export class SnapshotError extends Error {
  static {
    Object.defineProperty(SnapshotError.prototype, 'name', { value: 'SnapshotError' });
  }
  readonly code: 'unsupported-version' | 'malformed';

  constructor(code: SnapshotError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Gives each definition a number once, however many instances share it. */
class DefinitionTable {
  readonly all: { conf: FlatDefinition; cyclic: boolean }[] = [];
  readonly #indices = new Map<Definition, DefinitionIndex>();

  indexOf(definition: Definition): DefinitionIndex {
    const known = this.#indices.get(definition);
    if (known !== undefined) return known;
    const index = this.all.push({ conf: flatten(definition.conf), cyclic: definition.cyclic }) - 1;
    this.#indices.set(definition, index);
    return index;
  }
}

interface Tables {
  readonly definitions: DefinitionTable;
  readonly origins: OriginTable;
}

const takeInstance = (
  { ref, jobClass: _class, definition, processes, because, ...rest }: Instance,
  { definitions, origins }: Tables,
): InstanceSnapshot => ({
  ...rest,
  name: ref.instance,
  definition: definitions.indexOf(definition),
  processes: [...processes],
  because: origins.indexOf(because),
});

const takeClass = (jobClass: JobClass, tables: Tables): ClassSnapshot => {
  const { name, order, definedAt, deleted, startHolds, startMemory, episodes, instances, next, idleSince } = jobClass;
  const { lastRun } = jobClass;
  const { definitions, origins } = tables;
  return {
    name,
    order,
    definedAt,
    deleted,
    startHolds,
    idleSince,
    lastRun: lastRun && { ...lastRun, because: origins.indexOf(lastRun.because) },
    definition: definitions.indexOf(jobClass.definition),
    next: next === undefined || next === 'removed' ? (next ?? null) : definitions.indexOf(next),
    named: [...startMemory.named],
    common: startMemory.common,
    episodes: [...episodes],
    instances: [...instances.values()].map((instance) => takeInstance(instance, tables)),
  };
};

/** Take the state between two inputs, when nothing is pending, as JSON. */
export const snapshotText = (world: World): string => {
  const tables = { definitions: new DefinitionTable(), origins: new OriginTable() };
  const sessions = [...world.sessions.values()].map(
    ({ id, env, initialEnv, limits, confirming, closing, classes }) => ({
      ...(limits === undefined ? {} : { limits }),
      ...(confirming === undefined ? {} : { confirming }),
      id,
      env,
      initialEnv,
      closing,
      classes: [...classes.values()].map((jobClass) => takeClass(jobClass, tables)),
    }),
  );
  const events = [...world.events.values()].map((event) => ({
    ...event,
    because: tables.origins.indexOf(event.because) ?? 0,
  }));
  const snapshot: EngineSnapshot = {
    version: 1,
    semantics: world.rules.name,
    now: world.now,
    input: world.input,
    next: world.next,
    definitions: tables.definitions.all,
    sessions,
    origins: tables.origins.all,
    events,
    processes: [...world.processes.values()],
    timers: [...world.timers.values()],
    calls: [...world.calls.values()],
    fds: [...world.fds],
    quiesce: world.quiesce ?? null,
  };
  return JSON.stringify(snapshot);
};

/** A copy that shares nothing with the engine, and is what a reader of its JSON text gets. */
export const takeSnapshot = (world: World): EngineSnapshot => JSON.parse(snapshotText(world));

/** What the numbers in a snapshot stand for. */
interface Restored {
  readonly definitions: readonly Definition[];
  readonly origins: readonly Origin[];
}

const restoreInstance = (
  world: World,
  jobClass: JobClass,
  { name, definition: index, processes, because, ...rest }: InstanceSnapshot,
  { definitions, origins }: Restored,
): void => {
  const fresh = newInstance(rest.id, jobClass, name, definitions[index] ?? jobClass.definition);
  const instance: Instance = {
    ...fresh,
    ...rest,
    processes: new Map(processes),
    because: origins[because ?? -1],
  };
  jobClass.instances.set(name, instance);
  world.instances.set(instance.id, instance);
};

const restoreClass = (world: World, session: SessionId, saved: ClassSnapshot, restored: Restored): void => {
  const { definitions, origins } = restored;
  const definition = definitions[saved.definition];
  if (!definition) throw new Error(`job ${saved.name} has no definition`);
  const { name, order, definedAt, deleted, startHolds, named, common, episodes, next, idleSince, lastRun } = saved;
  const jobClass: JobClass = {
    ...newClass(session, name, order, definition),
    definedAt,
    deleted,
    startHolds,
    idleSince,
    lastRun: lastRun && { ...lastRun, because: origins[lastRun.because ?? -1] },
    startMemory: { named: new Map(named), common },
    episodes: new Map(episodes),
    next: typeof next === 'number' ? definitions[next] : (next ?? undefined),
  };
  sessionOf(world, session).classes.set(name, jobClass);
  world.classes.set(order, jobClass);
  for (const instance of saved.instances) restoreInstance(world, jobClass, instance, restored);
  listClass(world, jobClass);
};

const fill = (world: World, snapshot: EngineSnapshot): void => {
  const definitions = snapshot.definitions.map(({ conf, cyclic }) => ({
    ...compileDefinition(unflatten(conf)),
    cyclic,
  }));
  const origins = restoreOrigins(snapshot.origins);
  for (const { id, env, initialEnv, limits, confirming, closing, classes } of snapshot.sessions) {
    world.sessions.set(id, { ...newSession(id, initialEnv, limits), env, confirming, closing });
    for (const saved of classes) restoreClass(world, id, saved, { definitions, origins });
  }
  const instances = [...world.instances.values()].sort((a, b) => a.id - b.id);
  world.instances.clear();
  for (const instance of instances) world.instances.set(instance.id, instance);
  for (const { because, ...event } of snapshot.events) {
    const origin = origins[because];
    if (!origin) throw new Error(`event ${event.id} has no origin`);
    world.events.set(event.id, { ...event, because: origin });
  }
  for (const process of snapshot.processes) world.processes.set(process.id, process);
  for (const timer of snapshot.timers) world.timers.set(timer.id, timer);
  for (const call of snapshot.calls) registerCall(world, call);
  for (const [fd, owners] of snapshot.fds) world.fds.set(fd, owners);
  world.quiesce = snapshot.quiesce ?? undefined;
  world.now = snapshot.now;
  world.input = snapshot.input;
  Object.assign(world.next, snapshot.next);
};

/**
 * Make a world that goes on where a snapshot was taken.
 * @throws SnapshotError where the snapshot is of another version, or no snapshot
 */
export const restoreSnapshot = (
  snapshot: EngineSnapshot,
  rules: Record<EngineSnapshot['semantics'], Rules>,
  initEnv: Environment | undefined,
  hookTimeoutMs: number,
): World => {
  // A caller may hand over whatever it has read.
  const version: unknown = (snapshot as EngineSnapshot | null)?.version;
  if (version !== 1) {
    throw new SnapshotError('unsupported-version', `snapshot version ${version} is not known here, expected 1`);
  }
  try {
    if (!Object.hasOwn(rules, snapshot.semantics)) throw new Error(`semantics ${snapshot.semantics} are not known`);
    const copy: EngineSnapshot = JSON.parse(JSON.stringify(snapshot));
    const [system] = copy.sessions;
    const world = newWorld(rules[copy.semantics], [], initEnv ?? system?.initialEnv ?? [], hookTimeoutMs);
    fill(world, copy);
    return world;
  } catch (cause) {
    throw new SnapshotError('malformed', 'the snapshot is damaged: take it again with Engine.snapshot()', { cause });
  }
};
