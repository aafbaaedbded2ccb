import { closeFd, connectSocket, sendUnix } from '@maverick/spawner';

/**
 * Tell the daemon that started this process that it serves, if it is waiting for that. @see sd_notify(3), `expect notify` in init(5)
 * @param address the value of `NOTIFY_SOCKET`; absent: nobody waits
 * @throws SystemError where nobody listens
 */
export const tellReady = (address: string | undefined): void => {
  if (address === undefined || address === '') return;
  const fd = connectSocket({ family: 'unix', path: address }, 'dgram');
  try {
    sendUnix(fd, Buffer.from('READY=1'));
  } finally {
    closeFd(fd);
  }
};
