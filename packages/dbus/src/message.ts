import type { Value } from './value.js';

/** What every message may carry. On a private connection there are no bus names. */
interface Addressed {
  readonly destination?: string;
  readonly sender?: string;
  /** The types of `body`; `''` for none. */
  readonly signature: string;
  readonly body: readonly Value[];
}

export interface CallMessage extends Addressed {
  readonly kind: 'call';
  readonly path: string;
  readonly interface?: string;
  readonly member: string;
  /** The caller wants neither a reply nor an error. */
  readonly noReply: boolean;
  /** On a bus: fail rather than have the destination started. */
  readonly noAutoStart?: boolean;
}

export interface ReturnMessage extends Addressed {
  readonly kind: 'return';
  readonly replySerial: number;
}

interface ErrorMessage extends Addressed {
  readonly kind: 'error';
  readonly replySerial: number;
  readonly errorName: string;
}

export interface SignalMessage extends Addressed {
  readonly kind: 'signal';
  readonly path: string;
  readonly interface: string;
  readonly member: string;
}

/** A D-Bus message, but for its serial number. */
export type Message = CallMessage | ReturnMessage | ErrorMessage | SignalMessage;
/** A message as it came in. */
export type Received<M extends Message = Message> = M & { readonly serial: number };
