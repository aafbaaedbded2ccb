import { basename } from 'node:path';
import { type DeviceEvent, type DeviceSource, type DeviceWatch, watchDevices } from '@maverick/spawner';
import type { Bridge, BridgeKind, Daemon, FollowedJob } from './bridge.js';
import { DEVICE_PLACES, type DevicePlaces, devicesOf, isUdevRunning } from './device-tree.js';
import type { OwnOptions } from './option-table.js';
import { Outbox } from './outbox.js';

export const UDEV_OPTIONS = {
  '--no-strip': { help: 'leave characters in names and values that can not be printed' },
} as const satisfies OwnOptions;

interface UdevBridgeOptions {
  /** Take characters out that are not printable ASCII, as the original does. */
  readonly strip: boolean;
  /** Default: the machine's. */
  readonly places?: DevicePlaces;
  /** Default: by the kernel's and udevd's messages. */
  readonly watch?: typeof watchDevices;
}

/** What the events call an action; others keep their own word. */
const ACTIONS: ReadonlyMap<string, string> = new Map([
  ['add', 'added'],
  ['change', 'changed'],
  ['remove', 'removed'],
]);

/** What the kernel's actions become. */
const CHANGES = ['added', 'removed', 'changed', 'online', 'offline', 'bind', 'unbind', 'move'] as const;

const DEVICE_EVENT = /^(.+)-device-(.+)$/;
const UNPRINTABLE = /[^\x20-\x7e]/g;
const SOURCES = ['kernel', 'udev'] as const satisfies readonly DeviceSource[];

/** The kernel says it without the directory. */
const nodeOf = (name: string): string => (name.startsWith('/') ? name : `/dev/${name}`);

/** The variables in the original's order: what every device has, then all else. */
const environmentOf = ({ action, devpath, subsystem, properties }: DeviceEvent): readonly string[] => {
  const devname = properties.find(([name]) => name === 'DEVNAME')?.[1];
  const head = new Map([
    ['KERNEL', basename(devpath).replaceAll('!', '/')],
    ['DEVPATH', devpath],
    ...(devname === undefined ? [] : [['DEVNAME', nodeOf(devname)] as const]),
    ['SUBSYSTEM', subsystem],
    ['ACTION', action],
  ]);
  const rest = new Map(properties.filter(([name]) => !head.has(name)));
  return [...head, ...rest].map(([name, value]) => `${name}=${value}`);
};

class UdevBridge implements Bridge {
  readonly #daemon: Daemon;
  readonly #strip: boolean;
  readonly #places: DevicePlaces;
  readonly #outbox: Outbox;
  readonly #watches: readonly DeviceWatch[];
  /** By subsystem: the conditions that ask for devices that have come. */
  #askers: ReadonlyMap<string, ReadonlySet<string>> = new Map();

  constructor(daemon: Daemon, { strip, places = DEVICE_PLACES, watch = watchDevices }: UdevBridgeOptions) {
    this.#daemon = daemon;
    this.#strip = strip;
    this.#places = places;
    this.#outbox = new Outbox(daemon);
    this.#watches = SOURCES.map((source) =>
      watch({ source, onDevice: (event) => this.#happened(source, event), onOverflow: () => this.#overflowed(source) }),
    );
  }

  /** A job that comes is told of the devices that are there. */
  follow(jobs: readonly FollowedJob[]): void {
    const before = this.#askers;
    this.#askers = askersIn(jobs);
    for (const [subsystem, askers] of this.#askers) {
      if ([...askers].some((asker) => before.get(subsystem)?.has(asker) !== true)) this.#tellAll(subsystem);
    }
    this.#outbox.open();
  }

  instancesChanged(): void {
    // Devices come whether the job runs or not.
  }

  lost(): void {
    this.#outbox.hold();
  }

  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  /** Where udevd runs, a device is there once its rules are done. */
  #happened(source: DeviceSource, event: DeviceEvent): void {
    if ((source === 'udev') === isUdevRunning(this.#places)) this.#emit(event);
  }

  #overflowed(source: DeviceSource): void {
    if ((source === 'udev') !== isUdevRunning(this.#places)) return;
    this.#daemon.report('warn', 'Too many device events at once: some are lost, and what is there is told anew');
    for (const subsystem of this.#askers.keys()) this.#tellAll(subsystem);
  }

  #tellAll(subsystem: string): void {
    for (const event of devicesOf(subsystem, this.#places)) this.#emit(event);
  }

  #emit(event: DeviceEvent): void {
    const name = `${event.subsystem}-device-${ACTIONS.get(event.action) ?? event.action}`;
    const env = environmentOf(event);
    this.#outbox.push({
      name: this.#clean(name),
      env: env.map((entry) => this.#clean(entry)),
    });
  }

  #clean(text: string): string {
    return this.#strip ? text.replace(UNPRINTABLE, '') : text;
  }
}

const askersIn = (jobs: readonly FollowedJob[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const askers = new Map<string, Set<string>>();
  for (const { path, start } of jobs) {
    for (const { name, args } of start) {
      const [, subsystem, change] = DEVICE_EVENT.exec(name) ?? [];
      if (subsystem === undefined || change !== 'added') continue;
      askers.set(subsystem, (askers.get(subsystem) ?? new Set()).add([path, ...args].join('\0')));
    }
  }
  return askers;
};

/**
 * Events such as `net-device-added`: by udevd where it runs, else by the kernel itself.
 * @see spec: bridges.md 5
 */
export const udevBridgeWith = (options: UdevBridgeOptions): BridgeKind => ({
  event: 'device-added',
  emits: CHANGES.map((change) => `*-device-${change}`),
  wants: (event) => DEVICE_EVENT.test(event),
  make: (daemon) => new UdevBridge(daemon, options),
});
