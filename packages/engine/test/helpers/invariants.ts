import type { StateExpression } from '@maverick/conf';
import type { EngineSnapshot } from '../../src/index.js';
import { fromPostfix } from '../../src/postfix.js';

/** What must hold between two inputs, read from a snapshot. @see spec: semantics.md section 8 */

type Instances = EngineSnapshot['sessions'][number]['classes'][number]['instances'];

const instancesOf = ({ sessions }: EngineSnapshot): Instances =>
  sessions.flatMap(({ classes }) => classes.flatMap(({ instances }) => instances));

/** An event is held by exactly those who hold it. */
const heldWrongly = (snapshot: EngineSnapshot): string[] => {
  const instances = instancesOf(snapshot);
  const classes = snapshot.sessions.flatMap((session) => session.classes);
  const memories = [
    ...classes.flatMap(({ named, common }) => [...named.map(([, records]) => records), common]),
    ...instances.map(({ stopMemory = [] }) => stopMemory),
  ].flat();
  const holds = [...classes.map(({ startHolds }) => startHolds), ...instances.map(({ stopHolds = [] }) => stopHolds)];
  return snapshot.events.flatMap(({ id, name, operands, heldBy }) => {
    const hooks = memories.flatMap((memory) => memory.hooks).filter((hook) => hook.event === id).length;
    const held = holds.flat().filter((event) => event === id).length;
    const waiting = instances.flatMap(({ id: instance, waiters = [] }) =>
      waiters.flatMap(({ party }) => (party.kind === 'event' && party.event === id ? instance : [])),
    );
    const faults: string[] = [];
    if (operands !== hooks + held) faults.push(`event ${name} counts ${operands} operands, has ${hooks + held}`);
    if (JSON.stringify([...heldBy].sort()) !== JSON.stringify(waiting.sort()))
      faults.push(`event ${name} miscounts its waiters`);
    if (operands + heldBy.length === 0) faults.push(`event ${name} is held by nobody`);
    return faults;
  });
};

const misplaced = (snapshot: EngineSnapshot): string[] => {
  const events = new Set(snapshot.events.map(({ id }) => id));
  return instancesOf(snapshot).flatMap(({ name, state, blocker, processes, definition, goal }) => {
    const { conf } = snapshot.definitions[definition] ?? {};
    const roles = new Set(processes.map(([role]) => role));
    const faults: string[] = [];
    if ((state === 'starting' || state === 'stopping') && !events.has(blocker ?? 0))
      faults.push(`${name} sits in ${state}`);
    if (state === 'waiting') faults.push(`${name} rests in waiting`);
    if (snapshot.semantics === 'maverick' && state === 'running' && conf?.processes.main && !roles.has('main')) {
      faults.push(`${name} is running without its main process`);
    }
    if (snapshot.semantics === 'maverick' && goal === 'respawn') faults.push(`${name} has the goal respawn`);
    return faults;
  });
};

/** The waits as a graph of names; rule D0. */
const waits = (snapshot: EngineSnapshot): Map<string, string[]> => {
  const graph = new Map<string, string[]>();
  const add = (from: string, to: string) => graph.set(from, [...(graph.get(from) ?? []), to]);
  const signalled = new Set(snapshot.processes.filter((process) => process.signalled).map(({ id }) => id));
  for (const { request, instance, event } of snapshot.calls) {
    if (instance !== undefined) add(`call ${request}`, `job ${instance}`);
    if (event !== undefined) add(`call ${request}`, `event ${event}`);
  }
  for (const { id, heldBy } of snapshot.events) for (const instance of heldBy) add(`event ${id}`, `job ${instance}`);
  for (const instance of instancesOf(snapshot)) {
    const { conf } = snapshot.definitions[instance.definition] ?? {};
    if (instance.blocker !== undefined) add(`job ${instance.id}`, `event ${instance.blocker}`);
    const task =
      conf?.task === true && conf.processes.main !== undefined && instance.goal === 'start' && !instance.ending;
    const getsReady = instance.state === 'spawned' && conf?.expect !== 'none';
    for (const [role, process] of instance.processes) {
      if (signalled.has(process) || role === 'security' || (role === 'main' && !task && !getsReady)) continue;
      for (const { request, caller } of snapshot.calls) {
        if (caller?.process === process) add(`job ${instance.id}`, `call ${request}`);
      }
    }
  }
  return graph;
};

const cycles = (snapshot: EngineSnapshot): string[] => {
  if (snapshot.semantics !== 'maverick') return [];
  const graph = waits(snapshot);
  const state = new Map<string, 'open' | 'done'>();
  const visit = (node: string): string | undefined => {
    if (state.get(node) === 'open') return node;
    if (state.has(node)) return undefined;
    state.set(node, 'open');
    for (const next of graph.get(node) ?? []) {
      const found = visit(next);
      if (found) return `${node} > ${found}`;
    }
    state.set(node, 'done');
    return undefined;
  };
  return [...graph.keys()].flatMap((node) => visit(node) ?? []).map((cycle) => `waits form a cycle: ${cycle}`);
};

/** Whether a `while` without arguments holds, read from the states of all instances; rules S1, S3, S4. */
const stateHolds = (
  instances: ReadonlyMap<string, Instances>,
  expression: StateExpression,
  positive = true,
): boolean => {
  switch (expression.kind) {
    case 'term':
      return (instances.get(expression.job) ?? []).some(({ up = false }) => up || !positive);
    case 'not':
      return !stateHolds(instances, expression.operand, !positive);
    case 'and':
      return stateHolds(instances, expression.left, positive) && stateHolds(instances, expression.right, positive);
    case 'or':
      return stateHolds(instances, expression.left, positive) || stateHolds(instances, expression.right, positive);
  }
};

/** What runs has its `while`, and what its `while` wants has had its start. */
const unguarded = (snapshot: EngineSnapshot): string[] => {
  const classes = snapshot.sessions.flatMap((session) => session.classes);
  const instances = new Map(classes.map((jobClass) => [jobClass.name, jobClass.instances]));
  const singleton = (index: number) => {
    const definition = snapshot.definitions[index];
    return definition && !definition.conf.instance.includes('$') ? definition : undefined;
  };
  return classes.flatMap((jobClass) => {
    const faults: string[] = [];
    for (const { goal, override, definition: present, nextRequest } of jobClass.instances) {
      const isComing = nextRequest !== undefined && !jobClass.deleted;
      const definition = singleton(isComing ? jobClass.definition : present);
      if (goal !== 'start' || override || !definition?.conf.while) continue;
      if (definition.cyclic || !stateHolds(instances, fromPostfix(definition.conf.while)))
        faults.push(`${jobClass.name} runs unguarded`);
    }
    const { conf, cyclic } = singleton(jobClass.definition) ?? {};
    const wanted = conf?.while && !cyclic && !jobClass.deleted && stateHolds(instances, fromPostfix(conf.while));
    if (wanted && jobClass.episodes.length === 0) faults.push(`${jobClass.name} has missed an episode`);
    return faults;
  });
};

const OVER: ReadonlySet<string | undefined> = new Set(['killed', 'post-stop']);
const STARTED: ReadonlySet<string | undefined> = new Set(['pre-start', 'spawned', 'post-start', 'running']);

/**
 * A state that is told to end has nothing left that ran `while` it, and one that is past `starting` nothing that runs
 * `while not` it; rules S4, S6. To be asked where no wait was dropped as a deadlock, and no job has instances; of one-term
 * expressions only: another term or instance may have kept the job. States that respawn may end without order (S9).
 */
export const disorderOf = (snapshot: EngineSnapshot): string[] => {
  const classes = snapshot.sessions.flatMap((session) => session.classes);
  const confOf = (index: number) => snapshot.definitions[index]?.conf;
  const isOver = (job: string, states: ReadonlySet<string | undefined>) =>
    classes.some(({ name, instances }) =>
      instances.some(({ state, definition }) => name === job && states.has(state) && !confOf(definition)?.respawn),
    );
  return classes.flatMap(({ name, instances }) =>
    instances.flatMap(({ definition, override }) => {
      const states = confOf(definition)?.while;
      const expression = states && fromPostfix(states);
      if (!expression || override || confOf(definition)?.instance.includes('$')) return [];
      const negated = expression.kind === 'not' ? expression.operand : undefined;
      if (expression.kind === 'term' && isOver(expression.job, OVER)) return [`${name} outlives ${expression.job}`];
      if (negated?.kind === 'term' && isOver(negated.job, STARTED)) return [`${name} overlaps with ${negated.job}`];
      return [];
    }),
  );
};

/**
 * The seven invariants of semantics.md section 8, by number: what looks for each in a state. The first is about answers
 * (`Outcomes`, and that each call has exactly one at the end), the second and the third also about where all comes to rest,
 * the seventh about the end of a session: the properties ask for those.
 */
const INVARIANTS = {
  2: heldWrongly,
  3: misplaced,
  4: cycles,
  5: (snapshot) => (snapshot.semantics === 'maverick' ? unguarded(snapshot) : []),
} as const satisfies Record<number, (snapshot: EngineSnapshot) => string[]>;

/** Everything that is wrong with a state; {@link disorderOf} looks for the sixth, where it can be asked for. */
export const faultsOf = (snapshot: EngineSnapshot): string[] =>
  Object.entries(INVARIANTS).flatMap(([number, look]) => look(snapshot).map((fault) => `${number}: ${fault}`));
