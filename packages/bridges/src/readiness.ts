import { closeFd, connectSocket, sendUnix, watchFd } from '@maverick/spawner';

/** Resolves when there may be room for a datagram again. */
const room = (fd: number): Promise<void> =>
  new Promise((resolve) => {
    const watch = watchFd(fd, { writable: true }, () => {
      watch.close();
      resolve();
    });
  });

/**
 * Tell the daemon that started this process that it serves, if it is waiting for that. @see sd_notify(3), `expect notify` in init(5)
 * @param address the value of `NOTIFY_SOCKET`; absent: nobody waits
 * @returns settles when it is told: as long as the daemon has many messages to read, it takes no more
 * @throws SystemError where nobody listens
 */
export const tellReady = async (address: string | undefined): Promise<void> => {
  if (address === undefined || address === '') return;
  const fd = connectSocket({ family: 'unix', path: address }, 'dgram');
  try {
    while (sendUnix(fd, Buffer.from('READY=1')) === undefined) await room(fd);
  } finally {
    closeFd(fd);
  }
};
