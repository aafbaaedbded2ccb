import type { UpstartClient } from '@maverick/dbus/client';
import { InitctlError } from './errors.js';
import type { InitAddress } from './init-address.js';

const BUS_WORDS = { system: 'system bus', session: 'session bus' } as const;

/** The private socket, or the bus: what is asked for, and how a failure names it. */
const route = (init: InitAddress) => {
  switch (init.kind) {
    case 'bus':
      return { target: { bus: init.bus, name: init.name }, to: BUS_WORDS[init.bus] } as const;
    case 'session-init':
      return { target: init.address, to: 'Upstart' } as const;
    case 'system-init':
      return { target: undefined, to: 'Upstart' } as const;
  }
};

/**
 * Connect to an init daemon. The D-Bus code is read only now, so that help and errors in the command line come at once.
 * @throws InitctlError `cannot-connect`
 */
export const connectTo = async (init: InitAddress): Promise<UpstartClient> => {
  const { connect, SYSTEM_ADDRESS } = await import('@maverick/dbus/client');
  const { target = SYSTEM_ADDRESS, to } = route(init);
  try {
    return await connect(target);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InitctlError('cannot-connect', { to, reason }, { cause: error });
  }
};
