import type { UpstartClient } from '@maverick/dbus/client';
import { InitctlError } from './errors.js';
import type { InitAddress } from './init-address.js';

const BUS_WORDS = { system: 'system bus', session: 'session bus' } as const;

/** Where the init of the system listens inside of a root directory that has a session: an abstract name is not seen in every network namespace. */
const IN_CHROOT = 'unix:path=/run/upstart/private';

/** What is asked for, the first that answers, and how a failure names it. */
const route = (init: InitAddress, system: string) => {
  switch (init.kind) {
    case 'bus':
      return {
        targets: [{ bus: init.bus, name: init.name }, ...(init.orPrivate ? [system, IN_CHROOT] : [])],
        to: BUS_WORDS[init.bus],
      } as const;
    case 'session-init':
      return { targets: [init.address], to: 'Upstart' } as const;
    case 'system-init':
      return { targets: [system, IN_CHROOT], to: 'Upstart' } as const;
  }
};

/**
 * Connect to an init daemon. The D-Bus code is read only now, so that help and errors in the command line come at once.
 * @throws InitctlError `cannot-connect`, with what is wrong with the first way
 */
export const connectTo = async (init: InitAddress): Promise<UpstartClient> => {
  const { connect, SYSTEM_ADDRESS } = await import('@maverick/dbus/client');
  const { targets, to } = route(init, SYSTEM_ADDRESS);
  let failure: unknown;
  for (const target of targets) {
    try {
      return await connect(target);
    } catch (error) {
      failure ??= error;
    }
  }
  const reason = failure instanceof Error ? failure.message : String(failure);
  throw new InitctlError('cannot-connect', { to, reason }, { cause: failure });
};
