import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DeviceEvent } from '@maverick/spawner';

type Properties = DeviceEvent['properties'];

/** Where the kernel shows its devices, and udevd what it has made of them. */
export interface DevicePlaces {
  readonly sys: string;
  readonly udevData: string;
  /** There while udevd runs. */
  readonly udevControl: string;
}

export const DEVICE_PLACES: DevicePlaces = {
  sys: '/sys',
  udevData: '/run/udev/data',
  udevControl: '/run/udev/control',
};

export const isUdevRunning = ({ udevControl }: DevicePlaces): boolean => existsSync(udevControl);

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const assignments = (lines: readonly string[]): Properties =>
  lines.flatMap((line) => {
    const equals = line.indexOf('=');
    return equals > 0 ? [[line.slice(0, equals), line.slice(equals + 1)] as const] : [];
  });

/** Where udevd keeps what it knows of a device. @see sd_device_get_device_id(3) */
const udevRecord = (devpath: string, subsystem: string, known: ReadonlyMap<string, string>): string => {
  const [major, minor] = [known.get('MAJOR'), known.get('MINOR')];
  if (major !== undefined && minor !== undefined) return `${subsystem === 'block' ? 'b' : 'c'}${major}:${minor}`;
  const index = known.get('IFINDEX');
  return subsystem === 'net' && index !== undefined ? `n${index}` : `+${subsystem}:${basename(devpath)}`;
};

/** A device as an event of its coming would tell it; undefined: it has gone, or udevd has not had a look at it yet. */
const deviceAt = (path: string, places: DevicePlaces): DeviceEvent | undefined => {
  try {
    const real = realpathSync(path);
    const devpath = real.slice(realpathSync(places.sys).length);
    const subsystem = basename(readlinkSync(join(real, 'subsystem')));
    const own = assignments(read(join(real, 'uevent')).split('\n'));
    const record = read(join(places.udevData, udevRecord(devpath, subsystem, new Map(own))));
    if (record === '' && isUdevRunning(places)) return undefined;
    const udev = assignments(record.split('\n').flatMap((line) => (line.startsWith('E:') ? [line.slice(2)] : [])));
    const [action, head] = [
      'add',
      [
        ['ACTION', 'add'],
        ['DEVPATH', devpath],
        ['SUBSYSTEM', subsystem],
      ] as const,
    ];
    return { action, devpath, subsystem, properties: [...head, ...own, ...udev] };
  } catch {
    return undefined;
  }
};

/** The devices of a subsystem that are there now. */
export const devicesOf = (subsystem: string, places: DevicePlaces): readonly DeviceEvent[] => {
  const folders = [`class/${subsystem}`, `bus/${subsystem}/devices`].map((folder) => join(places.sys, folder));
  const paths = folders.flatMap((folder) => namesIn(folder).map((name) => join(folder, name)));
  return paths.flatMap((path) => deviceAt(path, places) ?? []);
};
