import { acceptUnix, closeFd, connectUnix, listenUnix } from '../../src/sockets.js';

let pairs = 0;

/** Two connected unix sockets; the second is blocking for whoever inherits it, or not: it is only written to. */
export const socketPair = (): [number, number] => {
  const address = `@maverick-pair-${process.pid}-${++pairs}`;
  const listener = listenUnix(address);
  const theirs = connectUnix(address);
  const ours = acceptUnix(listener);
  closeFd(listener);
  if (ours === undefined) throw new Error('the connection is not there');
  return [ours, theirs];
};
