import type { UpstartClient } from '@maverick/dbus/client';
import { InitctlError } from './errors.js';
import type { InitAddress } from './init-address.js';

const NO_BUS =
  'this version reaches the init daemon through its private socket only; set UPSTART_SESSION or use --user';

/** Connect to a private socket. A failure is told in the words of the original. */
const connectPrivately = async (address: string | undefined): Promise<UpstartClient> => {
  const { connect, parseAddress, SYSTEM_ADDRESS } = await import('@maverick/dbus/client');
  const where = address ?? SYSTEM_ADDRESS;
  try {
    return await connect(where);
  } catch (error) {
    const { errnoMessage, SystemError } = await import('@maverick/spawner');
    if (!(error instanceof Error && error.cause instanceof SystemError)) throw error;
    const socket = parseAddress(where).at(-1)?.name;
    throw new Error(`Failed to connect to socket ${socket}: ${errnoMessage(error.cause.errno)}`, { cause: error });
  }
};

/**
 * Connect to an init daemon. The D-Bus code is read only now, so that help and errors in the command line come at once.
 * @throws InitctlError `cannot-connect`
 */
export const connectTo = async (init: InitAddress): Promise<UpstartClient> => {
  if (init.kind === 'bus') throw new InitctlError('cannot-connect', { to: `${init.bus} bus`, reason: NO_BUS });
  try {
    return await connectPrivately(init.kind === 'session-init' ? init.address : undefined);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InitctlError('cannot-connect', { to: 'Upstart', reason }, { cause: error });
  }
};
