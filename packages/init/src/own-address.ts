import { isAbsolute } from 'node:path';
import { formatAddress, parseListenAddress } from '@maverick/dbus';
import type { Environment } from './directories.js';
import { MODES, type Mode } from './mode.js';
import type { Options } from './option-table.js';

/**
 * Where the daemon answers, as clients write it: where the mode has its private socket, or where `--address` says.
 * `unix:runtime=yes` is `unix:path=` of the socket `bus` in `$XDG_RUNTIME_DIR`.
 * @throws DBusError for what is no address, RangeError for one that is no single place
 * @see D-Bus specification, "Unix Domain Sockets"
 */
export const ownAddress = (mode: Mode, { address }: Pick<Options, 'address'>, env: Environment): string => {
  if (address === undefined) return MODES[mode].address(process.getuid?.() ?? 0, process.pid);
  const [place, ...others] = parseListenAddress(address, env);
  if (place === undefined || others.length > 0) throw new RangeError(`--address takes one address, not '${address}'`);
  if (place.kind === 'path' && !isAbsolute(place.name)) {
    throw new RangeError(`--address must name an absolute path, for jobs have other directories: '${address}'`);
  }
  return formatAddress(place);
};
