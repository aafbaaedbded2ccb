/** Authentication before the first message, both sides of it, as pure state machines. @see D-Bus specification, "Authentication Protocol" */

/** What came of some bytes. */
export interface HandshakeStep {
  /** To be sent to the peer; `''` for nothing. */
  readonly send: string;
  readonly outcome:
    | { readonly kind: 'more' }
    /** `rest` is the begin of the message stream. */
    | { readonly kind: 'done'; readonly rest: Buffer; readonly passesDescriptors: boolean }
    | { readonly kind: 'failed'; readonly reason: string };
}

/** One side of the authentication. */
export interface Handshake {
  /** What is to be sent before the peer has said anything. */
  readonly opening: string;
  /** Take what the peer sent. Not to be called again after an outcome other than `more`. */
  feed(bytes: Buffer): HandshakeStep;
}

/** No line of the protocol is longer, and no peer needs more commands or tries. */
const MAX_LINE = 16 * 1024;
const MAX_REJECTIONS = 6;
const MAX_COMMANDS = 64;

type Outcome = HandshakeStep['outcome'];
const MORE: Outcome = { kind: 'more' };
const failed = (reason: string): Outcome => ({ kind: 'failed', reason });

/** What one line leads to; `begin` ends the lines. */
interface LineStep {
  readonly send?: string;
  readonly begin?: boolean;
  readonly failure?: string;
}

/** Cuts the stream into lines and hands each to `take` until it says `begin` or fails. */
class LineReader {
  private pending: Buffer = Buffer.alloc(0);
  private readonly take: (line: string) => LineStep;
  private readonly passesDescriptors: () => boolean;

  constructor(take: (line: string) => LineStep, passesDescriptors: () => boolean) {
    this.take = take;
    this.passesDescriptors = passesDescriptors;
  }

  feed(bytes: Buffer): HandshakeStep {
    this.pending = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
    let send = '';
    for (;;) {
      const end = this.pending.indexOf('\r\n');
      if (end > MAX_LINE || (end < 0 && this.pending.length > MAX_LINE)) {
        return { send, outcome: failed('a line of the authentication is too long') };
      }
      if (end < 0) return { send, outcome: MORE };
      const step = this.take(this.pending.toString('latin1', 0, end));
      this.pending = this.pending.subarray(end + 2);
      if (step.send !== undefined) send += `${step.send}\r\n`;
      if (step.failure !== undefined) return { send, outcome: failed(step.failure) };
      if (step.begin) {
        return { send, outcome: { kind: 'done', rest: this.pending, passesDescriptors: this.passesDescriptors() } };
      }
    }
  }
}

/**
 * The server's side: EXTERNAL only, and the identity that the peer claims must be the one that the kernel knows.
 * Whether that identity is welcome is decided afterwards.
 */
export class ServerHandshake implements Handshake {
  readonly opening = '';
  private readonly peerUid: number;
  private readonly guid: string;
  private readonly lines = new LineReader(
    (line) => this.command(line),
    () => this.descriptors,
  );
  private nul = false;
  private awaitsData = false;
  private authenticated = false;
  private descriptors = false;
  private rejections = 0;
  private commands = 0;

  constructor(peerUid: number, guid: string) {
    this.peerUid = peerUid;
    this.guid = guid;
  }

  feed(bytes: Buffer): HandshakeStep {
    if (this.nul) return this.lines.feed(bytes);
    if (bytes[0] !== 0) return { send: '', outcome: failed('the authentication does not begin with a NUL byte') };
    this.nul = true;
    return this.lines.feed(bytes.subarray(1));
  }

  private command(line: string): LineStep {
    if (++this.commands > MAX_COMMANDS) return { failure: 'too many commands in the authentication' };
    const [name, argument, response] = line.split(' ');
    switch (name) {
      case 'AUTH':
        if (argument !== 'EXTERNAL' || this.authenticated) return this.reject();
        if (response !== undefined) return this.external(response);
        this.awaitsData = true;
        return { send: 'DATA' };
      case 'DATA':
        return this.awaitsData ? this.external(argument ?? '') : { send: 'ERROR "Not expecting DATA"' };
      case 'CANCEL':
      case 'ERROR':
        return this.reject();
      case 'NEGOTIATE_UNIX_FD':
        if (!this.authenticated) return { send: 'ERROR "Need to authenticate first"' };
        this.descriptors = true;
        return { send: 'AGREE_UNIX_FD' };
      case 'BEGIN':
        return this.authenticated ? { begin: true } : { failure: 'BEGIN before authentication' };
      default:
        return { send: 'ERROR "Unknown command"' };
    }
  }

  private external(hex: string): LineStep {
    this.awaitsData = false;
    const identity = Buffer.from(hex, 'hex').toString('latin1');
    // Nothing at all means "as the kernel says"; what is not hexadecimal must not come down to that.
    if (hex !== '' && identity !== String(this.peerUid)) return this.reject();
    this.authenticated = true;
    return { send: `OK ${this.guid}` };
  }

  private reject(): LineStep {
    this.authenticated = false;
    this.awaitsData = false;
    if (++this.rejections > MAX_REJECTIONS) return { failure: 'too many failed authentications' };
    return { send: 'REJECTED EXTERNAL' };
  }
}

/** Where a server says why, in its words. */
const refusalIn = (line: string): string => {
  const why = /^ERROR "?(.+?)"?$/.exec(line)?.[1];
  return why === undefined ? `the server refused the authentication: ${line}` : why;
};

/** The client's side. Everything is sent at once, so that messages can follow without waiting: one round trip for all. */
export class ClientHandshake implements Handshake {
  readonly opening: string;
  private accepted = false;
  private descriptors = false;
  private readonly lines = new LineReader(
    (line) => this.answer(line),
    () => this.descriptors,
  );

  constructor(uid: number) {
    const identity = Buffer.from(String(uid), 'latin1').toString('hex');
    this.opening = `\0AUTH EXTERNAL ${identity}\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n`;
  }

  feed(bytes: Buffer): HandshakeStep {
    return this.lines.feed(bytes);
  }

  private answer(line: string): LineStep {
    const [name] = line.split(' ');
    if (!this.accepted) {
      this.accepted = name === 'OK';
      return this.accepted ? {} : { failure: refusalIn(line) };
    }
    this.descriptors = name === 'AGREE_UNIX_FD';
    if (this.descriptors || name === 'ERROR') return { begin: true };
    return { failure: `unexpected answer in the authentication: ${line}` };
  }
}
