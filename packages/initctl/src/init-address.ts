import type { Environment } from './command.js';
import { InitctlError } from './errors.js';
import type { OptionValues } from './option.js';

/** Which init daemon a command talks to, and how it is reached. */
export type InitAddress =
  /** The private socket of the init daemon of the system. */
  | { readonly kind: 'system-init' }
  /** The private socket of a Session Init. */
  | { readonly kind: 'session-init'; readonly address: string }
  | {
      readonly kind: 'bus';
      readonly bus: 'system' | 'session';
      readonly name: string;
      /** Nobody has asked for the bus: where it can't be had, the private socket may admit everybody. */
      readonly orPrivate?: true;
    };

/** The name of the daemon on a bus. */
export const BUS_NAME = 'com.ubuntu.Upstart';

/**
 * Choose the init daemon from options, environment and uid: `--user` or `UPSTART_SESSION` mean the Session Init, root
 * talks to the private socket, everybody else to the system bus. `--global` means the system's, whatever the environment says.
 * @throws InitctlError `dest-without-bus`, `no-session-address`, `two-inits`
 * @see initctl(8), "OPTIONS"
 */
export const findInit = (options: OptionValues, env: Environment, uid: number): InitAddress => {
  const isGlobal = options.has('global');
  if (isGlobal && options.has('user')) throw new InitctlError('two-inits', {});
  const session = isGlobal ? '' : (env.UPSTART_SESSION ?? '');
  const asksForBus = options.has('system') || options.has('session');
  if (options.has('user') || (session !== '' && !asksForBus)) {
    if (session === '') throw new InitctlError('no-session-address', {});
    return { kind: 'session-init', address: session };
  }
  if (asksForBus) {
    const bus = options.has('system') ? 'system' : 'session';
    return { kind: 'bus', bus, name: options.get('dest') ?? BUS_NAME };
  }
  if (options.has('dest')) throw new InitctlError('dest-without-bus', {});
  return uid === 0 ? { kind: 'system-init' } : { kind: 'bus', bus: 'system', name: BUS_NAME, orPrivate: true };
};
