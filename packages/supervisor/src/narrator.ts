import { signalName } from '@maverick/conf';
import {
  type Awaits,
  displayName,
  type Effect,
  type Explanation,
  type Input,
  type InstanceRef,
  type LogPriority,
  type WaitNode,
} from '@maverick/engine';

/** What the telling of a story needs. */
export interface NarratorPorts {
  readonly say: (priority: LogPriority, message: string, instance: InstanceRef) => void;
  readonly explain: (instance: InstanceRef) => Explanation | undefined;
  readonly mainPid: (instance: InstanceRef) => number | undefined;
  /** The override that changed a job, and the stanzas that it changed. */
  readonly overrideOf: (
    instance: InstanceRef,
  ) => { readonly path: string; readonly stanzas: readonly string[] } | undefined;
}

type EffectOf<K extends Effect['kind']> = Extract<Effect, { readonly kind: K }>;

/** What an instance that is under way has been through. */
interface Course {
  /** Why it has its present goal. */
  cause: string;
  failure?: string;
}

const nameOfInput = (input: Input): string => {
  switch (input.kind) {
    case 'start':
    case 'stop':
    case 'restart':
      return input.caller === undefined
        ? `${input.kind} by request`
        : `${input.kind} by ${displayName(input.caller.instance)}`;
    case 'process-exited':
      return 'its process ended';
    case 'spawn-failed':
      return `its process could not be started (${input.failure.message})`;
    case 'timer-fired':
      return 'a time limit';
    case 'define-job':
    case 'remove-job':
      return 'a change of the configuration';
    case 'adopt-jobs':
      return 'its process was found running';
    case 'quiesce':
    case 'close-session':
      return 'shutdown';
    case 'confirm':
    case 'answer-start':
      return 'an answer for its start';
    case 'emit':
      return `event ${input.name}`;
    default:
      return input.kind;
  }
};

/** `main process terminated with status 3`. */
const failureText = ({ process, status }: EffectOf<'job-failed'>): string => {
  if (process === 'respawn') return 'respawning too fast';
  if (process === 'timeout') return 'took too long to start';
  if (status < 0) return `${process} process could not be started`;
  if (status < 256) return `${process} process terminated with status ${status}`;
  return `${process} process killed by ${signalName(status >> 8) ?? status >> 8} signal`;
};

const nodeText = (node: WaitNode): string => {
  switch (node.kind) {
    case 'job':
      return displayName(node.instance);
    case 'event':
      return `event ${node.name}`;
    case 'call':
      return `${node.call} of ${node.target}`;
  }
};

const listOf = (texts: readonly string[]): string => (texts.length === 0 ? 'what was set off by it' : texts.join(', '));

const awaitsText = (awaits: Awaits): string => {
  switch (awaits.kind) {
    case 'hook': {
      const conditions = awaits.conditions.map(({ job, missing }) => `${job} (which still needs ${missing})`);
      return `${listOf([...awaits.heldBy.map(nodeText), ...conditions])} to let its ${awaits.name} event pass`;
    }
    case 'process':
      return `its ${awaits.role} process to end`;
    case 'readiness':
      return awaits.expect === 'none'
        ? 'its main process to start'
        : `its main process to be ready (expect ${awaits.expect})`;
    case 'respawn':
      return 'the time of its respawn';
  }
};

const keyOf = ({ session, job, instance }: InstanceRef): string => `${session}\0${job}\0${instance}`;

/** An event of a job's life names the job. */
const eventText = ({ name, env }: { readonly name: string; readonly env: readonly string[] }): string => {
  const job = /^(?:starting|started|stopping|stopped)(?:\/failed)?$/.test(name)
    ? env.find((entry) => entry.startsWith('JOB='))
    : undefined;
  return job === undefined ? `event ${name}` : `event ${name} ${job}`;
};

/**
 * Tells the story of the jobs in the log: one line for each start and end with its cause; for those who look closer what they
 * wait for, and which override had a say.
 */
export class Narrator {
  readonly #ports: NarratorPorts;
  readonly #events = new Map<number, string>();
  readonly #courses = new Map<string, Course>();
  /** Whose state has changed since everything last came to rest. */
  readonly #moved = new Map<string, InstanceRef>();
  #input = 'start';

  constructor(ports: NarratorPorts) {
    this.#ports = ports;
  }

  /** The engine is about to take an input. */
  input(input: Input): void {
    this.#input = nameOfInput(input);
  }

  effect(effect: Effect): void {
    switch (effect.kind) {
      case 'event-queued':
        this.#events.set(effect.event, eventText(effect));
        break;
      case 'event-finished':
        this.#events.delete(effect.event);
        break;
      case 'goal-changed':
        this.#courseOf(effect.instance).cause = this.#causeOf(effect);
        break;
      case 'job-failed':
        this.#courseOf(effect.instance).failure = failureText(effect);
        break;
      case 'job-respawning':
        this.#courseOf(effect.instance).cause = 'respawn';
        break;
      case 'state-changed':
        this.#changed(effect);
        break;
      case 'instance-removed':
        this.#ended(effect.instance);
        break;
      default:
    }
  }

  /** Everything that the input brought about is done: what is still in a state that it came to waits for something. */
  settled(): void {
    const moved = [...this.#moved.values()];
    this.#moved.clear();
    for (const instance of moved) {
      const explanation = this.#ports.explain(instance);
      if (explanation?.kind !== 'instance' || explanation.awaits === undefined) continue;
      const text = awaitsText(explanation.awaits);
      this.#ports.say('info', `${displayName(instance)} waits in ${explanation.state} for ${text}`, instance);
    }
  }

  #changed({ instance, from, to }: EffectOf<'state-changed'>): void {
    if (to === 'running') this.#moved.delete(keyOf(instance));
    else this.#moved.set(keyOf(instance), instance);
    if (to === 'starting') this.#sayOverride(instance);
    if (to !== 'running' || from !== 'post-start') return;
    const pid = this.#ports.mainPid(instance);
    const process = pid === undefined ? '' : `, process ${pid}`;
    this.#ports.say(
      'message',
      `${displayName(instance)} started${process}: ${this.#courseOf(instance).cause}`,
      instance,
    );
  }

  #ended(instance: InstanceRef): void {
    const { cause, failure } = this.#courseOf(instance);
    this.#courses.delete(keyOf(instance));
    this.#moved.delete(keyOf(instance));
    const text = failure === undefined ? `stopped: ${cause}` : `failed: ${failure}`;
    this.#ports.say('message', `${displayName(instance)} ${text}`, instance);
  }

  #sayOverride(instance: InstanceRef): void {
    const override = this.#ports.overrideOf(instance);
    if (override === undefined) return;
    const stanzas = override.stanzas.length === 0 ? 'nothing' : override.stanzas.join(', ');
    this.#ports.say('info', `${displayName(instance)} is changed by ${override.path}: ${stanzas}`, instance);
  }

  #causeOf({ cause }: Effect): string {
    return (cause.event === undefined ? undefined : this.#events.get(cause.event)) ?? this.#input;
  }

  #courseOf(instance: InstanceRef): Course {
    const key = keyOf(instance);
    const course = this.#courses.get(key) ?? { cause: this.#input };
    this.#courses.set(key, course);
    return course;
  }
}
