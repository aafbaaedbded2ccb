import type { UpstartClient } from '@maverick/dbus';
import { InitctlError } from './errors.js';
import type { InitAddress } from './init-address.js';

const NO_BUS =
  'this version reaches the init daemon through its private socket only; set UPSTART_SESSION or use --user';

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Connect to an init daemon. The D-Bus code is read only now, so that help and errors in the command line come at once.
 * @throws InitctlError `cannot-connect`
 */
export const connectTo = async (init: InitAddress): Promise<UpstartClient> => {
  if (init.kind === 'bus') throw new InitctlError('cannot-connect', { to: `${init.bus} bus`, reason: NO_BUS });
  const { connect, SYSTEM_ADDRESS } = await import('@maverick/dbus');
  try {
    return await connect(init.kind === 'session-init' ? init.address : SYSTEM_ADDRESS);
  } catch (error) {
    throw new InitctlError('cannot-connect', { to: 'Upstart', reason: reasonOf(error) }, { cause: error });
  }
};
