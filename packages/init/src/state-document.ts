import { PROCESS_ROLES, type ProcessRole } from '@maverick/conf';
import type { EngineSnapshot } from '@maverick/engine';

/*
 * The original's own state document: its keys and words, for tools that read them. What the original keeps and we have no
 * like of has the value that stands for nothing there. We go on from our own snapshot, never from this.
 * @see spec: engine.md 7.6
 */

type Session = EngineSnapshot['sessions'][number];
type JobClass = Session['classes'][number];
type Instance = JobClass['instances'][number];
type Definition = EngineSnapshot['definitions'][number]['conf'];
type Expression = NonNullable<Definition['startOn']>;

/** Of the spec's names, such as `JOB_PRE_START` for `pre-start`. */
const word = (prefix: string, name: string): string => `${prefix}_${name.toUpperCase().replaceAll('-', '_')}`;

const integer = (value: boolean): 0 | 1 => (value ? 1 : 0);

const orNull = <T>(value: T | undefined): T | null => value ?? null;

/** An operator tree, its operands first. Nobody knows of an event that a single operand would hold. */
const operators = (expression: Expression = []) =>
  expression.map((node) =>
    typeof node === 'string'
      ? { type: word('EVENT', node), value: 0, name: null, env: null, event: -1 }
      : { type: 'EVENT_MATCH', value: 0, name: node.name, env: node.args, event: -1 },
  );

/** For each role, in the original's order, which is that of `PROCESS_ROLES`. */
const byRole = <T>(make: (role: ProcessRole) => T): T[] => PROCESS_ROLES.map(make);

/** What the original has no word for. */
const EXPECTED_NOWHERE: Readonly<Record<string, string>> = { notify: 'EXPECT_NONE', fd: 'EXPECT_NONE' };

const normalExit = (conf: Definition): number[] =>
  conf.normalExit.map((status) => (status.kind === 'exited' ? status.code : status.signal << 8));

/** The numbers of setrlimit(2) that the original knows. */
const LIMITS = [
  ...['cpu', 'fsize', 'data', 'stack', 'core', 'rss', 'nproc', 'nofile'],
  ...['memlock', 'as', 'locks', 'sigpending', 'msgqueue', 'nice', 'rtprio', 'rttime'],
] as const;

const definition = (conf: Definition) => ({
  instance: conf.instance,
  description: orNull(conf.description),
  author: orNull(conf.author),
  version: orNull(conf.version),
  env: conf.env,
  export: conf.export,
  start_on: operators(conf.startOn),
  stop_on: operators(conf.stopOn),
  emits: conf.emits,
  process: byRole((role) => {
    const found = conf.processes[role];
    return { script: integer(found?.script ?? false), command: orNull(found?.command) };
  }),
  expect: EXPECTED_NOWHERE[conf.expect] ?? word('EXPECT', conf.expect),
  task: integer(conf.task),
  kill_timeout: conf.killTimeoutSeconds,
  kill_signal: conf.killSignal,
  reload_signal: conf.reloadSignal,
  respawn: integer(conf.respawn),
  respawn_limit: conf.respawnLimit.count,
  respawn_interval: conf.respawnLimit.intervalSeconds,
  normalexit: normalExit(conf),
  console: word('CONSOLE', conf.console ?? 'log'),
  umask: conf.umask ?? 0o022,
  nice: conf.nice ?? -21,
  oom_score_adj: conf.oomScore ?? -1001,
  limits: LIMITS.map((name) => orNull((conf.limits as Readonly<Record<string, unknown>>)[name])),
  chroot: orNull(conf.chroot),
  chdir: orNull(conf.chdir),
  setuid: orNull(conf.setuid),
  setgid: orNull(conf.setgid),
  deleted: 0,
  debug: integer(conf.debug),
  usage: orNull(conf.usage),
  apparmor_switch: orNull(conf.apparmorSwitch),
  cgmanager_wait: 0,
  cgroups: conf.cgroups,
});

interface Tables {
  readonly pids: ReadonlyMap<number, number | undefined>;
  readonly timers: ReadonlyMap<number, number>;
  /** The place of an event in the list, by its number. */
  readonly events: ReadonlyMap<number, number>;
}

const killTimer = ({ killTimer: timer }: Instance, conf: Definition, { timers }: Tables) => {
  const dueAt = timer === undefined ? undefined : timers.get(timer);
  return dueAt === undefined ? null : { timeout: conf.killTimeoutSeconds, due: Math.ceil(dueAt / 1000) };
};

const instance = (path: string, one: Instance, conf: Definition, tables: Tables) => {
  const running = new Map(one.processes);
  const { goal = 'stop', state = 'waiting', failure } = one;
  return {
    name: one.name,
    path,
    goal: word('JOB', goal),
    state: word('JOB', state),
    env: one.env ?? [],
    start_env: one.nextEnv ?? [],
    stop_env: one.stopEnv ?? [],
    stop_on: operators(conf.stopOn),
    fds: one.fds ?? [],
    pid: byRole((role) => tables.pids.get(running.get(role) ?? -1) ?? 0),
    blocker: one.blocker === undefined ? -1 : (tables.events.get(one.blocker) ?? -1),
    blocking: [],
    kill_timer: killTimer(one, conf, tables),
    kill_process: -1,
    failed: integer(failure !== undefined),
    failed_process: -1,
    exit_status: 0,
    respawn_time: one.respawnSince ?? 0,
    respawn_count: one.respawnCount ?? 0,
    trace_forks: one.forks ?? 0,
    trace_state: 'TRACE_NONE',
    log: byRole(() => ({ path: null })),
    process_data: byRole(() => null),
  };
};

const jobClass = (one: JobClass, snapshot: EngineSnapshot, tables: Tables, paths: StatePaths) => {
  const conf = snapshot.definitions[one.definition]?.conf;
  if (conf === undefined) return [];
  const jobs = one.instances.map((running) => {
    const own = snapshot.definitions[running.definition]?.conf ?? conf;
    return instance(paths.instance(one.name, running.name), running, own, tables);
  });
  return [
    { session: 0, name: one.name, path: paths.job(one.name), ...definition(conf), deleted: integer(one.deleted), jobs },
  ];
};

/** Where jobs and instances are on D-Bus. */
export interface StatePaths {
  readonly job: (name: string) => string;
  readonly instance: (job: string, name: string) => string;
}

/** The original's document, of the system's session. */
export const stateDocument = (
  snapshot: EngineSnapshot,
  environment: readonly string[],
  paths: StatePaths,
): Readonly<Record<string, unknown>> => {
  const tables: Tables = {
    pids: new Map(snapshot.processes.map(({ id, pid }) => [id, pid])),
    timers: new Map(snapshot.timers.map(({ id, dueAt }) => [id, dueAt])),
    events: new Map(snapshot.events.map(({ id }, index) => [id, index])),
  };
  return {
    // As in the original: those beside the system's.
    sessions: [],
    events: snapshot.events.map(({ name, env, fds, progress, failed, operands, heldBy }) => ({
      session: 0,
      name,
      env,
      fd: fds[0] ?? -1,
      progress: word('EVENT', progress),
      failed: integer(failed),
      blockers: operands + heldBy.length,
      blocking: [],
    })),
    control_bus_address: null,
    job_environment: environment,
    job_classes: snapshot.sessions.flatMap(({ classes }) =>
      classes.flatMap((one) => jobClass(one, snapshot, tables, paths)),
    ),
    conf_sources: [],
  };
};
