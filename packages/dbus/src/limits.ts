/** What one connection may cost. A peer that goes beyond is dropped. */
export interface ConnectionLimits {
  /** The largest message that is accepted, in bytes. Default 32 MiB. */
  readonly messageBytes: number;
  /** The largest message whose body is looked into, in bytes. Default: all that are accepted. */
  readonly bodyBytes: number;
  /** Whether a message with a body that is wrong is passed over. Default false: its sender is dropped. */
  readonly passesOver: boolean;
  /** Descriptors that may wait for their message. Default 64. */
  readonly descriptors: number;
  /** Bytes that may wait to be sent before the peer counts as dead. Default 64 MiB. */
  readonly queuedBytes: number;
  /** Bytes waiting to be sent above which nothing more is read from the peer until they have gone. Default 1 MiB. */
  readonly pauseBytes: number;
  /** So many times 64 KiB are read at a time, if there is so much, before others are listened to. Default 1. */
  readonly reads: number;
  /** How long authentication may take, in milliseconds. Default 30 000. */
  readonly authenticationMs: number;
}

const MIB = 1024 * 1024;

export const SERVER_LIMITS: ConnectionLimits = {
  messageBytes: 32 * MIB,
  bodyBytes: Number.POSITIVE_INFINITY,
  passesOver: false,
  descriptors: 64,
  queuedBytes: 64 * MIB,
  pauseBytes: MIB,
  reads: 1,
  authenticationMs: 30_000,
};

/** How long authentication may take at most while places are short. */
const HURRIED_AUTHENTICATION_MS = 5_000;

/** The limits of who comes while places are short: a client that means it has authenticated long before. */
export const hurried = (limits: ConnectionLimits): ConnectionLimits => ({
  ...limits,
  authenticationMs: Math.min(limits.authenticationMs, HURRIED_AUTHENTICATION_MS),
});

/** A client never stops reading: two sides that both wait for the other to read would wait for ever. */
export const CLIENT_LIMITS: ConnectionLimits = { ...SERVER_LIMITS, pauseBytes: Number.POSITIVE_INFINITY };

/**
 * The limits of a daemon's connection to a bus. Anybody's messages come this way, and the bus daemon is not to blame for
 * them: it lets all pass that D-Bus allows, and even what is no message at all, such as a descriptor that is not there.
 */
export const BUS_LIMITS: ConnectionLimits = {
  ...CLIENT_LIMITS,
  messageBytes: 128 * MIB,
  bodyBytes: 8 * MIB,
  passesOver: true,
  descriptors: 1024,
  queuedBytes: 256 * MIB,
  // Calls of root are behind those of users: the line in the bus daemon must be short.
  reads: 16,
};
