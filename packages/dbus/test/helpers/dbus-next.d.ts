/** The parts of dbus-next 0.10.2 that the wire module uses; its own declarations cover only its index. */

declare module 'dbus-next/lib/message.js' {
  /** Field names as dbus-next spells them; a field that is absent or empty is not written. */
  interface MarshalInput {
    readonly serial: number;
    readonly type: number;
    readonly flags: number;
    readonly path?: string | undefined;
    readonly interface?: string | undefined;
    readonly member?: string | undefined;
    readonly errorName?: string | undefined;
    readonly replySerial?: number | undefined;
    readonly destination?: string | undefined;
    readonly sender?: string | undefined;
    readonly signature: string;
    readonly body: readonly unknown[];
  }
  const codec: { marshall(message: MarshalInput): [bytes: Buffer, fds: number[]] };
  export = codec;
}

declare module 'dbus-next/lib/dbus-buffer.js' {
  /** Reads values one after the other; variants as `[types, [value]]`, dictionaries as arrays of pairs. */
  class DBusBuffer {
    constructor(bytes: Buffer, startPosition: number, endian: number, fds: readonly number[]);
    pos: number;
    align(power: number): void;
    read(signature: string): unknown[];
  }
  export = DBusBuffer;
}
