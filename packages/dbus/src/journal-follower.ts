import type { CallOptions } from './call-options.js';
import { EventQueue } from './event-queue.js';
import { INIT1, signatureOf, type WireTypes } from './interfaces.js';
import type { SignalMessage } from './message.js';
import { MANAGER_PATH } from './object-path.js';
import type { Remote } from './remote.js';
import { callMethod } from './remote-call.js';
import type { SignalSource } from './signal-source.js';

const SIGNATURE = signatureOf(INIT1.signals.JournalLine);

const isLine = ({ interface: name, member, signature }: SignalMessage): boolean =>
  name === INIT1.name && member === 'JournalLine' && signature === SIGNATURE;

/** Follow the journal: lines that come before the follower's number is known are kept until it is. */
export const followJournal = (
  remote: Remote,
  signals: SignalSource,
  filter: WireTypes['a{sv}'],
  options?: CallOptions,
): AsyncIterableIterator<string> => {
  let follower: number | undefined;
  const early: (readonly [number, string])[] = [];
  const stop = signals.listen({
    signalled: (signal) => {
      if (!isLine(signal)) return;
      const [id, line] = signal.body as [number, string];
      if (follower === undefined) early.push([id, line]);
      else if (id === follower) queue.push(line);
    },
    ended: () => queue.end(),
  });
  const queue = new EventQueue<string>(() => {
    stop();
    if (follower === undefined) return;
    // The reader has gone, and so may the daemon: there is nobody to tell.
    callMethod(remote, MANAGER_PATH, INIT1, 'StopJournal', [follower]).catch(() => {});
  });
  callMethod(remote, MANAGER_PATH, INIT1, 'Journal', [filter, true], options).then(
    ([lines, number]) => {
      follower = number;
      for (const line of lines) queue.push(line);
      for (const [id, line] of early.splice(0)) if (id === number) queue.push(line);
    },
    (error: unknown) => {
      stop();
      queue.fail(error);
    },
  );
  return queue;
};
