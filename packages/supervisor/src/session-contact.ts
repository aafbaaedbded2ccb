/** Who calls. */
export interface SessionCaller {
  readonly uid: number;
  /** The root directory of the calling process, as this process sees it; undefined where it can't be told. */
  readonly root?: string | undefined;
}

/** What the session of a caller depends on. */
export interface ContactFacts {
  /** Root, or the daemon's own user. */
  readonly isTrusted: boolean;
  /** There is the session of a chroot, or there was or can be one. */
  readonly looksAtRoots: boolean;
  /** A root directory has a session by being called from. */
  readonly opensChroots: boolean;
  /** A user has a session by calling. */
  readonly hasUsers: boolean;
  isOpen(root: string): boolean;
  /** It was told to close, and its jobs are not all down. */
  isClosing(root: string): boolean;
  openRoots(): Iterable<string>;
}

/** Where a caller belongs: `user` is the caller's own; one that is not open is to be opened. */
export type ContactDecision =
  | { readonly kind: 'system' }
  | { readonly kind: 'user' }
  | { readonly kind: 'chroot'; readonly root: string }
  | { readonly kind: 'none'; readonly message: string };

const none = (message: string): ContactDecision => ({ kind: 'none', message });

const isBelow = (root: string, outer: string): boolean => root.startsWith(`${outer}/`);

/**
 * Who comes from another root directory has nothing but its session: not the system's where it has none, or none any more, for
 * then whoever is in there would have everything by closing it, or by another chroot(2).
 */
const fromRoot = (root: string, { isTrusted, opensChroots, ...facts }: ContactFacts): ContactDecision => {
  if (!isTrusted) return none(`Only root is in the session of ${root}`);
  if (facts.isOpen(root)) return { kind: 'chroot', root };
  if (facts.isClosing(root)) return none(`The session of ${root} is closing`);
  if (!opensChroots) return none(`The root directory ${root} has no session`);
  const outer = [...facts.openRoots()].find((open) => isBelow(root, open));
  return outer === undefined
    ? { kind: 'chroot', root }
    : none(`The root directory ${root} is inside of the session of ${outer}`);
};

/** Whose session a caller is in: the table of decision 12. The root directory is looked at only where it makes a difference. */
export const decideContact = (caller: SessionCaller, facts: ContactFacts): ContactDecision => {
  const { isTrusted, looksAtRoots, hasUsers } = facts;
  // Most daemons have no other: every call passes here.
  if (!looksAtRoots && (!hasUsers || isTrusted)) return { kind: 'system' };
  const { root } = caller;
  if (root === '/') return { kind: isTrusted || !hasUsers ? 'system' : 'user' };
  if (!looksAtRoots) return { kind: 'system' };
  return root === undefined
    ? none('The root directory of the calling process can not be told, so neither can its session')
    : fromRoot(root, facts);
};
