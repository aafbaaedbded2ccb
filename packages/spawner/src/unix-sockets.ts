/**
 * The calls of unix sockets alone, and a quick end, as `@maverick/spawner/unix-sockets`: loads nothing that starts or follows
 * processes, for programs that must start quickly.
 */
export { exitNow } from './exit-now.js';
export { type FdWatch, watchFd } from './fd-watch.js';
export { closeFd, connectUnix, receiveUnix, sendUnix } from './sockets.js';
export { errnoMessage, SystemError } from './system-error.js';
