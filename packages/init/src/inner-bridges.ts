import type { BridgeSettings, Report } from '@maverick/bridges';
import type { Supervisor } from '@maverick/supervisor';
import type { InnerBridge, InnerBridgeOptions } from './inner-bridge.js';
import type { Log } from './log.js';

interface BridgeMaker {
  /** The events that it emits, or patterns of their names. */
  readonly emits: readonly string[];
  make(options: Omit<InnerBridgeOptions, 'kind'>): InnerBridge;
}

/** What makes the bridges that are asked for, by name. */
export type BridgeMakers = ReadonlyMap<string, BridgeMaker>;

/** A descriptor of a bridge, as it goes on in the next daemon of this process. */
export interface BridgeDescriptor {
  readonly bridge: string;
  readonly name: string;
  readonly fd: number;
}

/**
 * Load what is asked for; where nothing is, nothing is loaded.
 * @param unknown told of each name that no bridge has
 */
export const loadBridges = async (
  names: readonly string[],
  settings: BridgeSettings,
  unknown: (message: string) => void,
): Promise<BridgeMakers> => {
  if (names.length === 0) return new Map();
  const { BRIDGE_NAMES, findBridge } = await import('@maverick/bridges');
  const { InnerBridge } = await import('./inner-bridge.js');
  const makers = names.map((name): [string, BridgeMaker] | undefined => {
    const kind = findBridge(name, settings);
    if (kind !== undefined) {
      const { event, emits = [event] } = kind;
      return [name, { emits, make: (options) => new InnerBridge({ ...options, kind }) }];
    }
    unknown(`--bridge: '${name}' is none of ${BRIDGE_NAMES.join(', ')}`);
    return undefined;
  });
  return new Map(makers.filter((maker) => maker !== undefined));
};

/** The bridges inside the daemon. */
export class InnerBridges {
  readonly #bridges: ReadonlyMap<string, InnerBridge>;

  /**
   * @param runtimeDir where their files lie until the next boot
   * @param handed what the bridges of the daemon before had open
   */
  constructor(
    makers: BridgeMakers,
    runtimeDir: string | undefined,
    log: Log,
    handed: readonly BridgeDescriptor[] = [],
  ) {
    this.#bridges = new Map(
      [...makers].map(([name, { make }]) => {
        const report: Report = (priority, message) => log.write(priority, `${name} bridge: ${message}`);
        const left = handed.filter(({ bridge }) => bridge === name).map((row) => [row.name, row.fd] as const);
        return [name, make({ runtimeDir, report, left })];
      }),
    );
  }

  /** Work for this supervisor, whose jobs are known. */
  attach(supervisor: Supervisor): void {
    for (const bridge of this.#bridges.values()) bridge.attach(supervisor);
  }

  /** The supervisor takes nothing more. */
  detach(): void {
    for (const bridge of this.#bridges.values()) bridge.detach();
  }

  /** What the next daemon of this process may go on with. It stays open here, for one that can't become another. */
  descriptors(): readonly BridgeDescriptor[] {
    return [...this.#bridges].flatMap(([bridge, { descriptors }]) =>
      [...descriptors].map(([name, fd]) => ({ bridge, name, fd })),
    );
  }

  close(): void {
    for (const bridge of this.#bridges.values()) bridge.close();
  }
}
