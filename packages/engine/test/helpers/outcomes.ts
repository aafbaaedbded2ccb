import type { Effect, InstanceRef } from '../../src/index.js';
import type { History } from './random.js';

const keyOf = ({ job, instance }: InstanceRef): string => `${job}/${instance}`;

/** Jobs that no definition of a history makes a task. */
const services = ({ jobs, actions }: History): ReadonlySet<string> => {
  const texts = [
    ...jobs.map((text, index) => ({ job: 'abcd'.charAt(index), text })),
    ...actions.flatMap((action) => (action.kind === 'define' ? action : [])),
  ];
  const names = new Set(texts.map(({ job }) => job));
  for (const { job, text } of texts) if (text.includes('task')) names.delete(job);
  return names;
};

/**
 * Whether `ok` means that what was asked for has come about: a service is running, a task or a stop is over.
 * Feed it every effect in order; it keeps what was wrong.
 */
export class Outcomes {
  readonly faults: string[] = [];
  /** Nothing has happened that lets states end out of order: no wait was dropped, no job has instances. */
  ordered = true;
  readonly #states = new Map<string, string>();
  readonly #services: ReadonlySet<string>;
  readonly #waiting = new Map<number, string>();

  constructor(history: History) {
    this.#services = services(history);
  }

  /** A waiting request was made. */
  asked(request: number, kind: string): void {
    this.#waiting.set(request, kind);
  }

  see(effect: Effect): void {
    if (effect.kind === 'deadlock') this.ordered = false;
    if (effect.kind === 'instance-added' && effect.instance.instance !== '') this.ordered = false;
    if (effect.kind === 'state-changed') this.#states.set(keyOf(effect.instance), effect.to);
    if (effect.kind !== 'reply' || !effect.reply.ok || !effect.reply.instance) return;
    const kind = this.#waiting.get(effect.request);
    if (kind === undefined) return;
    const state = this.#states.get(keyOf(effect.reply.instance)) ?? 'nowhere';
    const over = state === 'waiting' || state === 'post-stop';
    const isService = this.#services.has(effect.reply.instance.job);
    const right = kind === 'stop' ? over : state === 'running' || (!isService && over);
    if (!right) this.faults.push(`${kind} of ${keyOf(effect.reply.instance)} was told ok in ${state}`);
  }
}
