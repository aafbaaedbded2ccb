import { acceptUnix, closeFd, listenUnix, watchFd } from '@maverick/spawner';
import { onTestFinished } from 'vitest';
import { parseAddress } from '../../src/address.js';
import { Connection, type ConnectionListener } from '../../src/connection.js';
import { SERVER_LIMITS } from '../../src/limits.js';
import { ServerHandshake } from '../../src/sasl.js';
import { socketName } from '../../src/socket-address.js';
import { uniqueAddress } from './serving.js';

/** A server that answers what a test says. Gone with the test. @returns its address */
export const stubServer = (listener: ConnectionListener, uid = process.getuid?.() ?? 0): string => {
  const address = uniqueAddress();
  const [place = { kind: 'abstract', name: '' }] = parseAddress(address);
  const fd = listenUnix(socketName(place));
  const connections: Connection[] = [];
  const watch = watchFd(fd, { readable: true }, () => {
    const peer = acceptUnix(fd);
    if (peer !== undefined)
      connections.push(new Connection(peer, new ServerHandshake(uid, 'ab'), SERVER_LIMITS, listener));
  });
  onTestFinished(() => {
    watch.close();
    closeFd(fd);
    for (const connection of connections) connection.close();
  });
  return address;
};
