import type { BridgeKind, BridgeSettings, Report } from '@maverick/bridges';
import type { Supervisor } from '@maverick/supervisor';
import { InnerBridge } from './inner-bridge.js';
import type { Log } from './log.js';

/** Bridges by name. */
export type BridgeKinds = ReadonlyMap<string, BridgeKind>;

/**
 * Load what is asked for; where nothing is, nothing is loaded.
 * @param unknown told of each name that no bridge has
 */
export const loadBridges = async (
  names: readonly string[],
  settings: BridgeSettings,
  unknown: (message: string) => void,
): Promise<BridgeKinds> => {
  if (names.length === 0) return new Map();
  const { BRIDGE_NAMES, findBridge } = await import('@maverick/bridges');
  const found = names.map((name) => [name, findBridge(name, settings)] as const);
  for (const [name, kind] of found) {
    if (kind === undefined) unknown(`--bridge: '${name}' is none of ${BRIDGE_NAMES.join(', ')}`);
  }
  return new Map(found.flatMap(([name, kind]) => (kind === undefined ? [] : [[name, kind] as const])));
};

/** The bridges inside the daemon. */
export class InnerBridges {
  readonly #bridges: readonly InnerBridge[];

  /** @param runtimeDir where their files lie until the next boot */
  constructor(kinds: BridgeKinds, runtimeDir: string | undefined, log: Log) {
    this.#bridges = [...kinds].map(([name, kind]) => {
      const report: Report = (priority, message) => log.write(priority, `${name} bridge: ${message}`);
      return new InnerBridge({ kind, runtimeDir, report });
    });
  }

  /** Work for this supervisor, whose jobs are known. */
  attach(supervisor: Supervisor): void {
    for (const bridge of this.#bridges) bridge.attach(supervisor);
  }

  /** The supervisor takes nothing more. */
  detach(): void {
    for (const bridge of this.#bridges) bridge.detach();
  }

  close(): void {
    for (const bridge of this.#bridges) bridge.close();
  }
}
