import { existsSync } from 'node:fs';

/** What container runtimes leave in their containers of one program each. */
const FILES = ['/.dockerenv', '/run/.containerenv'];

/**
 * Whether this is a container that is there for one program, as Docker and Podman make them: its init is asked to end by
 * SIGTERM. Those that are made to look like machines (LXC, systemd-nspawn) leave no such marks.
 */
export const isProgramContainer = (isThere: (path: string) => boolean = existsSync): boolean => FILES.some(isThere);
