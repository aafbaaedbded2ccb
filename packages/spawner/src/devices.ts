import { constants } from 'node:os';
import { type DeviceEvent, parseKernelMessage, parseUdevMessage } from './device-message.js';
import { EventDescriptor } from './event-descriptor.js';
import { listenSocket } from './listen.js';
import { native } from './native.js';
import { SystemError } from './system-error.js';

/**
 * Who is listened to. `kernel`: its own word, as it happens. `udev`: udevd, when its rules are done and its properties
 * (`ID_…`, `DEVLINKS`, `TAGS`) are there; silent where no udevd runs.
 */
export type DeviceSource = 'kernel' | 'udev';

/** The multicast group of a source, and how its messages are read. */
const SOURCES = {
  kernel: { group: 1, parse: parseKernelMessage },
  udev: { group: 2, parse: parseUdevMessage },
} as const satisfies Record<DeviceSource, { group: number; parse: (message: Buffer) => DeviceEvent | undefined }>;

const NETLINK_KOBJECT_UEVENT = 15;
/** The kernel's own messages stay below 2 KiB; udevd's, with many properties, below this. */
const LONGEST_MESSAGE = 64 * 1024;
/** Enough for the storm of a machine's boot; memory is used only when messages wait. */
const DEFAULT_BUFFER_BYTES = 16 * 1024 * 1024;
/** Messages a turn of the loop, so that a storm does not keep others from theirs. */
const BATCH = 64;

export interface DeviceWatchOptions {
  readonly source: DeviceSource;
  readonly onDevice: (event: DeviceEvent) => void;
  /** Messages were lost because the buffer was full: look at `/sys` anew. */
  readonly onOverflow: () => void;
  /**
   * How much may wait for us, 16 MiB unless given. Without CAP_NET_ADMIN the system's limit (`net.core.rmem_max`) is
   * not exceeded.
   */
  readonly bufferBytes?: number;
}

/** Device events as they come. Made by {@link watchDevices}. */
export class DeviceWatch extends EventDescriptor {
  readonly #options: DeviceWatchOptions;
  readonly #buffer = Buffer.allocUnsafeSlow(LONGEST_MESSAGE);
  /** How much may wait, as the kernel granted it. */
  readonly bufferBytes: number;

  /** @internal use {@link watchDevices} */
  constructor(options: DeviceWatchOptions) {
    const address = { family: 'netlink', groups: SOURCES[options.source].group } as const;
    super(listenSocket({ address, type: 'raw', protocol: NETLINK_KOBJECT_UEVENT, passCredentials: true }));
    this.#options = options;
    this.bufferBytes = native.setReceiveBuffer(this.fd, options.bufferBytes ?? DEFAULT_BUFFER_BYTES);
  }

  protected receive(): void {
    for (let i = 0; i < BATCH && this.isOpen; i++) if (!this.#receiveOne()) return;
  }

  /** False when nothing waits. */
  #receiveOne(): boolean {
    const message = native.netlinkReceive(this.fd, this.#buffer);
    if (message === -constants.errno.EAGAIN) return false;
    if (message === -constants.errno.ENOBUFS) this.#options.onOverflow();
    else if (typeof message === 'number') throw new SystemError('recvmsg netlink', -message);
    else if (this.#isTrusted(message)) this.#tell(this.#buffer.subarray(0, message.bytes));
    return true;
  }

  /** Anybody may send to us alone: only root is believed, and as the kernel only the kernel. One too long is not whole. */
  #isTrusted({ bytes, port, uid }: { readonly bytes: number; readonly port: number; readonly uid: number }): boolean {
    return uid === 0 && bytes <= LONGEST_MESSAGE && (this.#options.source === 'udev' || port === 0);
  }

  #tell(message: Buffer): void {
    const event = SOURCES[this.#options.source].parse(message);
    if (event !== undefined) this.#options.onDevice(event);
  }
}

/**
 * Be told of devices that come, go and change, from the moment of this call on; what is there already stands in `/sys`.
 * Only events of this network namespace are seen. Keeps the process alive until closed or unref'd.
 * @throws SystemError `EPERM` where the system keeps users from netlink
 */
export const watchDevices = (options: DeviceWatchOptions): DeviceWatch => new DeviceWatch(options);
