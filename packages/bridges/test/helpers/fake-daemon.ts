import type { BridgeEvent, Daemon, FollowedJob } from '../../src/bridge.js';
import { HeldDescriptors } from '../../src/held-descriptors.js';

/** A daemon that takes note of what it is told. */
export class FakeDaemon implements Daemon {
  /** Variables of each event, in the order in which they came. */
  readonly told: string[] = [];
  readonly said: string[] = [];
  readonly runtimeDir: string | undefined;
  readonly keeper = new HeldDescriptors();

  constructor(runtimeDir?: string) {
    this.runtimeDir = runtimeDir;
  }

  emit(event: BridgeEvent): Promise<void> {
    return this.tell(event);
  }

  async tell({ name, env }: BridgeEvent): Promise<void> {
    this.told.push([...(name === undefined ? [] : [name]), ...env].join(' '));
  }

  instancesOf(): ReadonlySet<string> {
    return new Set();
  }

  startsOf(): number {
    return 0;
  }

  readonly report = (_: string, message: string): void => {
    this.said.push(message);
  };
}

/** Jobs with these conditions, each once as `start on`. */
export const jobsFor = (...conditions: readonly (readonly string[])[]): FollowedJob[] => jobsOn('', ...conditions);

/** The same for events of a name. */
export const jobsOn = (event: string, ...conditions: readonly (readonly string[])[]): FollowedJob[] =>
  conditions.map((args, index) => ({
    path: `/jobs/${index}`,
    name: `job${index}`,
    start: [{ name: event, args, partners: [] }],
    stop: [],
  }));
