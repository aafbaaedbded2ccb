import type { EnvLookup } from '@maverick/conf';
import type { Definition } from './definition.js';
import type { Environment } from './environment.js';
import type { SessionId } from './input.js';
import type { Instance } from './instance.js';
import { matches } from './matching.js';
import { instanceName, lookup, startEnvironment } from './naming.js';
import { bindingTerm, holds, type StateCondition, type StateTerm } from './state-expression.js';
import { sessionOf, type World } from './world.js';

/** What `while` expressions say at this moment. @see spec: semantics.md section 5 */

/** The instances that a term can be about, in the order in which they were made. */
const candidates = (
  world: World,
  session: SessionId,
  { job, patterns }: StateTerm,
  variables: EnvLookup,
): Instance[] => {
  const instances = sessionOf(world, session).classes.get(job)?.instances.values() ?? [];
  return [...instances].filter(({ shown }) => matches(patterns, shown, variables));
};

/** A positive term asks for one that is up, a negative one for one that is there at all (rule S4). */
const termHolds = (world: World, session: SessionId, term: StateTerm, variables: EnvLookup): boolean =>
  candidates(world, session, term, variables).some(({ up }) => up || !term.positive);

/** The instances of a job that its `while` wants, by name, with the environment of the state that names each (rule S10). */
export type Wanted = ReadonlyMap<string, Environment>;

const NONE: Wanted = new Map();

const wantedSingleton = (world: World, session: SessionId, definition: Definition, states: StateCondition): Wanted => {
  const variables = lookup(startEnvironment(world, session, definition, []));
  if (!holds(states, (term) => isTrue(world, session, states.terms[term], variables))) return NONE;
  const positive = states.terms.filter((term) => term.positive);
  const state = positive.flatMap((term) => candidates(world, session, term, variables)).find(({ up }) => up);
  return new Map([[definition.conf.instance, state?.shown ?? []]]);
};

const isTrue = (world: World, session: SessionId, term: StateTerm | undefined, variables: EnvLookup): boolean =>
  term !== undefined && termHolds(world, session, term, variables);

/** The name that a state gives to an instance of a job. */
const nameFrom = (world: World, session: SessionId, definition: Definition, state: Instance): string | undefined => {
  const name = instanceName(definition, startEnvironment(world, session, definition, state.shown));
  return name.ok ? name.value : undefined;
};

const wantedInstances = (world: World, session: SessionId, definition: Definition, states: StateCondition): Wanted => {
  const binding = bindingTerm(states);
  const term = states.terms[binding];
  if (!term) return NONE;
  const wanted = new Map<string, Environment>();
  const classVariables = lookup(startEnvironment(world, session, definition, []));
  for (const state of candidates(world, session, term, classVariables)) {
    const name = state.up ? nameFrom(world, session, definition, state) : undefined;
    if (name === undefined || wanted.has(name)) continue;
    const variables = lookup(startEnvironment(world, session, definition, state.shown));
    const holdsFor = (index: number) => index === binding || isTrue(world, session, states.terms[index], variables);
    if (holds(states, holdsFor)) wanted.set(name, state.shown);
  }
  return wanted;
};

/** The terms of a `while`, and which of them are true now; a negative one where its job is there. */
export const termsNow = (world: World, session: SessionId, definition: Definition, { terms }: StateCondition) => {
  const variables = lookup(startEnvironment(world, session, definition, []));
  return terms.map((term) => ({ ...term, holds: termHolds(world, session, term, variables) }));
};

/** What a definition's `while` wants now; nothing where it closes a cycle. */
export const wantedBy = (world: World, session: SessionId, definition: Definition): Wanted => {
  const { while: states, instanceVariables, cyclic } = definition;
  if (!states || cyclic) return NONE;
  return instanceVariables.length === 0
    ? wantedSingleton(world, session, definition, states)
    : wantedInstances(world, session, definition, states);
};

/** Whether a job may run as far as its `while` goes. */
export const guardHolds = (world: World, session: SessionId, definition: Definition, name: string): boolean =>
  !definition.while || wantedBy(world, session, definition).has(name);

/** Whether a state waits now for what runs `while` it, or `while not` it, to be down (rules S4, S6). */
const waitsForDependants = ({ state, up, blocker, respawning }: Instance, positive: boolean): boolean =>
  blocker !== undefined && !respawning && (positive ? state === 'stopping' && !up : state === 'starting');

/** The hooks of the states that an instance holds back as long as it is not down. */
export const statesWaitingFor = (world: World, instance: Instance): readonly Instance[] => {
  const { definition, ref } = instance;
  const { while: states } = definition;
  if (!states) return [];
  const binding = definition.instanceVariables.length === 0 ? -1 : bindingTerm(states);
  const variables = lookup(instance.env);
  return states.terms.flatMap((term, index) =>
    candidates(world, ref.session, term, variables).filter(
      (state) =>
        waitsForDependants(state, term.positive) &&
        (index !== binding || nameFrom(world, ref.session, definition, state) === ref.instance),
    ),
  );
};
