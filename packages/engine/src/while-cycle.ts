import type { Definition } from './definition.js';
import { ofSession } from './instance.js';
import type { JobClass, Session } from './job-class.js';
import { unsettle } from './while-index.js';
import { emitEffect, log, type World } from './world.js';

/** Jobs whose `while` asks, through any number of others, about themselves never hold (rule S11). */

const jobsAskedAbout = ({ while: states }: Definition): readonly string[] => states?.terms.map(({ job }) => job) ?? [];

type Edges = (job: string) => readonly string[];

/** Whether a job can be reached from others along the edges that are there. */
const reaches = (edges: Edges, from: readonly string[], job: string): boolean => {
  const seen = new Set<string>();
  const work = [...from];
  for (let name = work.pop(); name !== undefined; name = work.pop()) {
    if (name === job) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    work.push(...edges(name));
  }
  return false;
};

const judge = (world: World, jobClass: JobClass, cyclic: boolean): void => {
  const { definition, session, name } = jobClass;
  if (definition.cyclic === cyclic) return;
  definition.cyclic = cyclic;
  unsettle(world, jobClass);
  if (!cyclic) return;
  emitEffect(world, { kind: 'while-cycle', session, job: name });
  log(world, 'warn', `${name}${ofSession(session)}: its while can never hold, because it depends on itself`, session);
};

const asksAboutStates = ({ definition, deleted }: JobClass): boolean => definition.while !== undefined && !deleted;

/** Judge the definition that was made last: no other can be touched by it. */
export const checkNewest = (world: World, session: Session, jobClass: JobClass) => {
  const edges: Edges = (job) => {
    const asked = session.classes.get(job);
    return asked && asksAboutStates(asked) && !asked.definition.cyclic ? jobsAskedAbout(asked.definition) : [];
  };
  judge(world, jobClass, reaches(edges, jobsAskedAbout(jobClass.definition), jobClass.name));
};

/** Judge all definitions of a session in the order in which they were made: the one that closes a cycle loses. */
export const checkAll = (world: World, session: Session): void => {
  const edges = new Map<string, readonly string[]>();
  const asking = [...session.classes.values()].filter(asksAboutStates);
  for (const jobClass of asking.sort((a, b) => a.definedAt - b.definedAt)) {
    const asked = jobsAskedAbout(jobClass.definition);
    const cyclic = reaches((job) => edges.get(job) ?? [], asked, jobClass.name);
    if (!cyclic) edges.set(jobClass.name, asked);
    judge(world, jobClass, cyclic);
  }
};
