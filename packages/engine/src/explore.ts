import type { JobDefinition } from '@maverick/conf';
import type { Effect, WaitNode } from './effect.js';
import { Engine, type EngineOptions } from './engine.js';
import { influenceGroups } from './influence.js';
import { type InstanceRef, SYSTEM } from './input.js';
import { inputOf, inside, type Move, outsideMoves, variablesThatMatter } from './moves.js';
import { restartLoops, type Step } from './restarts.js';
import type { EngineSnapshot } from './snapshot.js';
import { stateKey, withoutOrigins } from './state-key.js';
import { type StuckPlace, stuckPlaces } from './stuck.js';

/** What can become of a set of jobs, found by trying everything. */

export interface ExploreOptions extends Pick<EngineOptions, 'semantics'> {
  /** How many moves are tried at most in each group of jobs that can influence each other. Default 5000. */
  readonly mostMoves?: number;
  /** How long a sequence is at most. Default: as long as there is anything new. */
  readonly longest?: number;
  /** Which jobs commands start: all, or those only that have no condition of their own. Default `all`. */
  readonly commands?: 'all' | 'without-condition';
}

/** Something bad that can happen, and the shortest sequence of moves that leads there. */
export type Finding = { readonly path: readonly Move[] } & (
  | { readonly kind: 'deadlock'; readonly chain: readonly WaitNode[] }
  /** It is held on its way, and nothing that can happen by itself lets it go on but the time limit of hooks. */
  | ({ readonly kind: 'stuck' } & StuckPlace)
  /** It starts itself for ever, in one moment. */
  | { readonly kind: 'start-loop'; readonly instance: InstanceRef }
  /** They start again without end, each time because a process has ended well: `round` is what happens again and again. */
  | { readonly kind: 'restart-loop'; readonly jobs: readonly string[]; readonly round: readonly Move[] }
);

export interface Exploration {
  readonly findings: readonly Finding[];
  /** Jobs with a condition that no sequence makes true. Only of groups that were explored to their end. */
  readonly neverStart: readonly string[];
  readonly groups: number;
  readonly states: number;
  readonly moves: number;
  /** Everything that can happen was tried. */
  readonly complete: boolean;
  /** Where it was not: all sequences of so many moves were. */
  readonly depth: number;
}

const MOST_MOVES = 5000;

interface State {
  readonly snapshot: EngineSnapshot;
  readonly depth: number;
  readonly before?: { readonly state: number; readonly move: Move };
}

/** One respawn is like the next: the limit is reached at the second. */
const bounded = (definition: JobDefinition): JobDefinition =>
  definition.respawnLimit.count > 1
    ? { ...definition, respawnLimit: { ...definition.respawnLimit, count: 1 } }
    : definition;

/** Tell the engine something, and that every process that it wants runs. */
const tell = (engine: Engine, input: Parameters<Engine['dispatch']>[0]): Effect[] => {
  const effects = engine.dispatch(input);
  // The list grows while it is walked.
  for (const effect of effects) {
    if (effect.kind !== 'spawn') continue;
    const { process } = effect;
    effects.push(...engine.dispatch({ kind: 'process-started', at: input.at, process, pid: process }));
  }
  return effects;
};

/** The states of one group, breadth first: what is found first has the shortest sequence. */
class Search {
  readonly states: State[] = [];
  /** For each state the states that follow it; of those that were not gone on from, nothing is known. */
  readonly next: (readonly Step[] | undefined)[] = [];
  readonly findings: Finding[] = [];
  readonly started = new Set<string>();
  moves = 0;
  readonly #known = new Map<string, number>();
  readonly #told = new Set<string>();
  readonly #outside: readonly Move[];
  readonly #matters: ReadonlySet<string> | undefined;

  constructor(jobs: Readonly<Record<string, JobDefinition>>, options: ExploreOptions) {
    const engine = new Engine(options.semantics === undefined ? {} : { semantics: options.semantics });
    for (const [name, definition] of Object.entries(jobs)) {
      engine.dispatch({ kind: 'define-job', at: 0, session: SYSTEM, name, definition: bounded(definition) });
    }
    const isStarted = (name: string): boolean => options.commands !== 'without-condition' || !hasCondition(jobs[name]);
    this.#outside = outsideMoves(jobs).filter((move) => move.kind !== 'start' || isStarted(move.job));
    this.#matters = variablesThatMatter(jobs);
    this.#add(engine.snapshot(), 0);
  }

  run({ mostMoves = MOST_MOVES, longest = Number.POSITIVE_INFINITY }: ExploreOptions): void {
    // The list grows while it is walked.
    for (let at = 0; at < this.states.length; at += 1) {
      const state = this.states[at];
      if (!state || state.depth >= longest || this.moves >= mostMoves) continue;
      this.next[at] = this.#goOn(at, state);
    }
  }

  get isComplete(): boolean {
    return this.states.every((_state, index) => this.next[index] !== undefined);
  }

  /** The length of the shortest sequence that was not gone on from. */
  get depth(): number {
    const open = this.states.filter((_state, index) => this.next[index] === undefined);
    return Math.min(...open.map(({ depth }) => depth));
  }

  pathTo(index: number): Move[] {
    const path: Move[] = [];
    for (let state = this.states[index]; state?.before; state = this.states[state.before.state]) {
      path.unshift(state.before.move);
    }
    return path;
  }

  #goOn(at: number, { snapshot, depth }: State): Step[] {
    const from = Engine.restore(snapshot);
    return [...this.#outside, ...inside(from, snapshot)].map((move) => {
      this.moves += 1;
      const engine = Engine.restore(snapshot);
      const effects = tell(engine, inputOf(engine, snapshot, move, this.moves));
      for (const effect of effects) this.#look(effect, move, at);
      const starts = effects.flatMap((effect) => startedJob(effect, move) ?? []);
      for (const job of starts) this.started.add(job);
      const respawns = effects.some(({ kind }) => kind === 'job-respawning');
      const to = this.#add(engine.snapshot(), depth + 1, { state: at, move });
      return { to, move, starts, respawns };
    });
  }

  #add(snapshot: EngineSnapshot, depth: number, before?: State['before']): number {
    const key = stateKey(snapshot, this.#matters);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const index = this.states.push({ snapshot: withoutOrigins(snapshot), depth, ...(before ? { before } : {}) }) - 1;
    this.#known.set(key, index);
    this.next.push(undefined);
    return index;
  }

  #look(effect: Effect, move: Move, at: number): void {
    const path = (): Move[] => [...this.pathTo(at), move];
    if (effect.kind === 'deadlock' && this.#isNew(chainKey(effect.chain))) {
      this.findings.push({ kind: 'deadlock', chain: effect.chain, path: path() });
    }
    if (effect.kind === 'start-loop' && this.#isNew(`loop ${effect.instance.job}`)) {
      this.findings.push({ kind: 'start-loop', instance: effect.instance, path: path() });
    }
  }

  /** Each thing is told of once, where it is met first. */
  #isNew(key: string): boolean {
    const isNew = !this.#told.has(key);
    this.#told.add(key);
    return isNew;
  }
}

/** The job that starts, but for one that a command has asked for or a respawn brings back. */
const startedJob = (effect: Effect, move: Move): string | undefined => {
  if (effect.kind !== 'goal-changed' || effect.from === 'respawn' || effect.to !== 'start') return undefined;
  const { job } = effect.instance;
  return move.kind === 'start' && move.job === job ? undefined : job;
};

const hasCondition = (definition: JobDefinition | undefined): boolean =>
  definition?.startOn !== undefined || (definition?.while !== undefined && !definition.whileIsGuard);

type Loop = Pick<Extract<Finding, { readonly kind: 'restart-loop' }>, 'jobs' | 'path' | 'round'>;

/** The first time around may leave more behind than the next ones. What happens is the same: the round begins as early as it can. */
const folded = (loop: Loop): Loop => {
  const path = [...loop.path];
  const round = [...loop.round];
  while (path.length > 0 && JSON.stringify(path.at(-1)) === JSON.stringify(round.at(-1))) {
    path.pop();
    round.unshift(...round.splice(-1));
  }
  return { ...loop, path, round };
};

const isCommand = ({ kind }: Move): boolean => kind === 'start' || kind === 'stop';

/** A cycle is the same wherever one begins to tell of it. */
const chainKey = (chain: readonly WaitNode[]): string =>
  [...new Set(chain.map((node) => JSON.stringify({ ...node, event: 0, request: 0 })))].sort().join();

const neverStarting = (search: Search, jobs: Readonly<Record<string, JobDefinition>>): string[] =>
  Object.entries(jobs)
    .filter(([name, definition]) => hasCondition(definition) && !search.started.has(name))
    .map(([name]) => name);

/**
 * Try everything that can happen to jobs, as far as a bound goes: every event that they wait for and that comes from outside, every
 * start and stop by hand, and every end of a process, good and bad. Time does not pass: waits for a respawn end at any time,
 * timeouts never. Events that processes emit come from outside here, and of values that a pattern matches one is taken.
 * @returns each bad thing once, with the shortest sequence that leads there
 */
export const explore = (jobs: Readonly<Record<string, JobDefinition>>, options: ExploreOptions = {}): Exploration => {
  const groups = influenceGroups(jobs);
  const searches = groups.map((names) => {
    const own = Object.fromEntries(Object.entries(jobs).filter(([name]) => names.has(name)));
    const search = new Search(own, options);
    search.run(options);
    const snapshots = search.states.map(({ snapshot }) => snapshot);
    // By hand one can let go of anything: that is no way out.
    const byItself = search.next.map((steps) => steps?.flatMap(({ to, move }) => (isCommand(move) ? [] : [to])));
    const stuck = stuckPlaces(snapshots, byItself).map(
      ({ state, ...place }): Finding => ({ kind: 'stuck', ...place, path: search.pathTo(state) }),
    );
    const restarts = restartLoops(search.next).map(
      ({ state, ...loop }): Finding => ({ kind: 'restart-loop', ...folded({ ...loop, path: search.pathTo(state) }) }),
    );
    return {
      search,
      findings: [...search.findings, ...stuck, ...restarts],
      never: search.isComplete ? neverStarting(search, own) : [],
    };
  });
  const sum = (of: (search: Search) => number): number => searches.reduce((all, { search }) => all + of(search), 0);
  return {
    findings: searches.flatMap(({ findings }) => findings),
    neverStart: searches.flatMap(({ never }) => never),
    groups: groups.length,
    states: sum(({ states }) => states.length),
    moves: sum(({ moves }) => moves),
    complete: searches.every(({ search }) => search.isComplete),
    depth: Math.min(...searches.map(({ search }) => search.depth)),
  };
};
