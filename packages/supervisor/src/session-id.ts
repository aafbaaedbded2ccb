import { type SessionId, SYSTEM } from '@maverick/engine';

/** What a session's jobs have in common: nothing, a root directory, or a user. */
export type SessionKind = 'system' | 'chroot' | 'user';

/** Which session is meant, other than the system's. */
export type SessionSpec =
  /** `root`: absolute, without links, `.`, `..` or a `/` at its end. */
  | { readonly kind: 'chroot'; readonly root: string }
  /** `user`: a name of the system's user table. */
  | { readonly kind: 'user'; readonly user: string };

const USER_PREFIX = 'user:';

/** The id says what the session is, so that nothing else need be kept of it: a chroot's is its root, a user's `user:NAME`. */
export const sessionIdOf = (spec: SessionSpec): SessionId =>
  spec.kind === 'chroot' ? spec.root : `${USER_PREFIX}${spec.user}`;

/** What an id stands for; undefined for the system's session, and for what is no id. */
export const specOfSession = (id: SessionId): SessionSpec | undefined => {
  if (id === SYSTEM) return undefined;
  if (id.startsWith('/') && id !== '/') return { kind: 'chroot', root: id };
  return id.startsWith(USER_PREFIX) && id.length > USER_PREFIX.length
    ? { kind: 'user', user: id.slice(USER_PREFIX.length) }
    : undefined;
};
