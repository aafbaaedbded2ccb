import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { CallMessage, Message } from '../../../dbus/src/message.js';
import { decode, encode, stampSerial } from '../../../dbus/src/wire.js';
import type { TestDaemon } from './test-daemon.js';

/** By its text: the user may not get to the file. */
const SCRIPT = readFileSync(join(import.meta.dirname, '../fixtures/caller.py'), 'utf8');

/** That of the system: users may not get to another one. */
export const PYTHON = '/usr/bin/python3';

/** Whether there is what a caller needs. */
export const canCall =
  process.getuid?.() === 0 && existsSync(PYTHON) && spawnSync('setpriv', ['--version']).status === 0;
if (!canCall) process.stderr.write(`Tests of callers are left out: they need root, ${PYTHON} and setpriv(1)\n`);

const UPSTART = 'com.ubuntu.Upstart0_6';

/** A call of the manager, unless `more` says otherwise. */
export const managerCall = (
  member: string,
  signature = '',
  body: CallMessage['body'] = [],
  more: Partial<CallMessage> = {},
): CallMessage => ({
  kind: 'call',
  path: '/com/ubuntu/Upstart',
  interface: UPSTART,
  member,
  noReply: false,
  signature,
  body,
  ...more,
});

const bytesOf = (message: Message): string => {
  const { bytes } = encode(message);
  stampSerial(bytes, 1);
  return Buffer.from(bytes).toString('hex');
};

/** A process of its own, of any user, that calls a daemon on its private socket, and does other things between. */
export class Caller {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(uid = 0) {
    const identity = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
    this.#child = spawn('setpriv', [...identity, PYTHON, '-c', SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
    onTestFinished(() => this.end());
  }

  connect({ address }: Pick<TestDaemon, 'address'>): Promise<string> {
    return this.does('connect', address.replace('unix:abstract=', ''));
  }

  chroot(dir: string): Promise<string> {
    return this.does('chroot', dir);
  }

  /** Have another process connect, which then ends. */
  borrow({ address }: Pick<TestDaemon, 'address'>): Promise<string> {
    return this.does('borrow', address.replace('unix:abstract=', ''));
  }

  async call(message: CallMessage): Promise<Message> {
    const answer = await this.does('call', bytesOf(message));
    const { message: decoded } = decode(Buffer.from(answer, 'hex'), []);
    if (decoded === undefined) throw new Error(answer);
    return decoded;
  }

  /** Send a call, whose answer nobody wants, so many hundred times. */
  flood(count: number, message: CallMessage): Promise<string> {
    return this.does('flood', String(count), bytesOf({ ...message, noReply: true }));
  }

  /** Put each in the place of the other, and back, so many times. */
  swap(count: number, one: string, other: string): Promise<string> {
    return this.does('swap', String(count), one, other);
  }

  async does(...words: readonly string[]): Promise<string> {
    this.#child.stdin.write(`${words.join(' ')}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`The caller ended at ${words[0]}`);
    return value;
  }

  /** It ends with its input. */
  end(): void {
    this.#child.stdin.end();
  }
}
