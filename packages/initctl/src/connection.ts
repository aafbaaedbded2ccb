import type { UpstartClient } from '@maverick/dbus/client';
import { InitctlError } from './errors.js';
import type { InitAddress } from './init-address.js';

const BUS_WORDS = { system: 'system bus', session: 'session bus' } as const;

/** What is asked for, the first that answers, and how a failure names it. @param system where the init of the system is */
const route = (init: InitAddress, system: readonly string[]) => {
  switch (init.kind) {
    case 'bus':
      return {
        targets: [{ bus: init.bus, name: init.name }, ...(init.orPrivate ? system : [])],
        to: BUS_WORDS[init.bus],
      } as const;
    case 'session-init':
      return { targets: [init.address], to: 'Upstart' } as const;
    case 'system-init':
      return { targets: system, to: 'Upstart' } as const;
  }
};

const refused = (upstart: UpstartClient, error: unknown): never => {
  upstart.close();
  throw error;
};

/**
 * Connect to an init daemon. The D-Bus code is read only now, so that help and errors in the command line come at once.
 * @throws InitctlError `cannot-connect`, with what is wrong with the first way
 */
export const connectTo = async (init: InitAddress): Promise<UpstartClient> => {
  const { CHROOT_SOCKET, connect, SYSTEM_ADDRESS } = await import('@maverick/dbus/client');
  const { targets, to } = route(init, [SYSTEM_ADDRESS, `unix:path=${CHROOT_SOCKET}`]);
  let failure: unknown;
  for (const target of targets) {
    try {
      const upstart = await connect(target);
      // Whom the socket does not admit is let go of without a word.
      if (failure !== undefined) await upstart.version().catch((error: unknown) => refused(upstart, error));
      return upstart;
    } catch (error) {
      failure ??= error;
    }
  }
  const reason = failure instanceof Error ? failure.message : String(failure);
  throw new InitctlError('cannot-connect', { to, reason }, { cause: failure });
};
