import type { UpstartClient } from '@maverick/dbus/client';

/**
 * Patterns of the events that bridges inside the daemon emit. Another daemon than ours has none, and says that it has no such
 * property by one of several errors; a connection that has ended is told of by the call after this one.
 */
export const bridgeEvents = async (upstart: UpstartClient): Promise<readonly string[]> => {
  try {
    return await upstart.init1.bridgeEvents();
  } catch {
    return [];
  }
};
