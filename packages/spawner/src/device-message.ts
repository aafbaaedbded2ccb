import { endianness } from 'node:os';
import { murmurHash2 } from './murmur-hash.js';

/** Something happened to a device. */
export interface DeviceEvent {
  /** `add`, `remove`, `change`, `online`, `offline`, `bind`, `unbind`, `move`. */
  readonly action: string;
  /** Below `/sys`: `/devices/virtual/net/veth0`. */
  readonly devpath: string;
  /** `net`, `block`, `tty` …; empty where the message has none. */
  readonly subsystem: string;
  /** All that the message says, in its order, the fields above among it (`ACTION`, `DEVPATH`, `SUBSYSTEM`). */
  readonly properties: readonly (readonly [name: string, value: string])[];
}

/** What stands before udev's properties; numbers are in this machine's order but those marked. */
const UDEV = {
  prefix: Buffer.from('libudev\0'),
  /** In network order. */
  magic: { at: 8, value: 0xfeedcafe },
  headerSize: 12,
  propertiesAt: 16,
  propertiesSize: 20,
  /** In network order; 0: not given. */
  subsystemHash: 24,
  size: 40,
} as const;

const LITTLE_ENDIAN = endianness() === 'LE';

const propertiesOf = (text: Buffer): DeviceEvent['properties'] =>
  text
    .toString('utf8')
    .split('\0')
    .flatMap((entry) => {
      const equals = entry.indexOf('=');
      return equals > 0 ? [[entry.slice(0, equals), entry.slice(equals + 1)] as const] : [];
    });

const eventOf = (properties: DeviceEvent['properties']): DeviceEvent | undefined => {
  const value = (name: string) => properties.find(([key]) => key === name)?.[1];
  const action = value('ACTION');
  const devpath = value('DEVPATH');
  if (action === undefined || devpath === undefined) return undefined;
  return { action, devpath, subsystem: value('SUBSYSTEM') ?? '', properties };
};

/**
 * Read a message of the kernel: `ACTION@DEVPATH`, then the properties, each ended by a NUL.
 * @returns undefined for what is none
 */
export const parseKernelMessage = (message: Buffer): DeviceEvent | undefined => {
  const end = message.indexOf(0);
  if (end < 0 || !message.subarray(0, end).includes('@')) return undefined;
  return eventOf(propertiesOf(message.subarray(end + 1)));
};

/** Whether the header's hash is that of the subsystem in the properties: a message cut or mixed up is not believed. */
const hasRightHash = (view: DataView, { subsystem }: DeviceEvent): boolean => {
  const hash = view.getUint32(UDEV.subsystemHash, false);
  return hash === 0 || hash === murmurHash2(Buffer.from(subsystem));
};

/**
 * Read a message of udevd (or of another that speaks its protocol), sent when its rules are done.
 * @returns undefined for what is none
 */
export const parseUdevMessage = (message: Buffer): DeviceEvent | undefined => {
  if (message.length < UDEV.size || !message.subarray(0, UDEV.prefix.length).equals(UDEV.prefix)) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  if (view.getUint32(UDEV.magic.at, false) !== UDEV.magic.value) return undefined;
  const begin = view.getUint32(UDEV.propertiesAt, LITTLE_ENDIAN);
  const end = begin + view.getUint32(UDEV.propertiesSize, LITTLE_ENDIAN);
  if (begin < view.getUint32(UDEV.headerSize, LITTLE_ENDIAN) || end > message.length) return undefined;
  const event = eventOf(propertiesOf(message.subarray(begin, end)));
  return event !== undefined && hasRightHash(view, event) ? event : undefined;
};
