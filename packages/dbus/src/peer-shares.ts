/** What of all connections one user may have, and one who is not trusted. */
const USER_SHARE = 0.75;
const GUEST_SHARE = 1 / 16;
/** What of them all who are not trusted may have together: the rest is root's. */
const GUESTS_SHARE = 0.75;

export interface PeerShareOptions {
  /** How many connections there may be. */
  readonly most: number;
  /** How many of them may be one user's who is trusted. Default three quarters. */
  readonly mostOfUser?: number | undefined;
  /** Whether a user is root, or the daemon's own. */
  readonly trusts: (uid: number) => boolean;
}

/** Who of the users of a socket may have how many of its connections. */
export class PeerShares {
  readonly #most: number;
  readonly #mostOfUser: number;
  readonly #mostOfGuest: number;
  readonly #mostOfGuests: number;
  readonly #trusts: (uid: number) => boolean;

  constructor({ most, mostOfUser = Math.ceil(most * USER_SHARE), trusts }: PeerShareOptions) {
    this.#most = most;
    this.#mostOfUser = mostOfUser;
    this.#mostOfGuest = Math.ceil(most * GUEST_SHARE);
    this.#mostOfGuests = Math.ceil(most * GUESTS_SHARE);
    this.#trusts = trusts;
  }

  /**
   * Whose connections are in the way of one more of this user's.
   * @param owners whose each of those is that there are
   * @returns undefined where there is room
   */
  inTheWay(uid: number, owners: readonly number[]): ((owner: number) => boolean) | undefined {
    const isGuest = !this.#trusts(uid);
    const own = owners.filter((owner) => owner === uid).length;
    if (own >= (isGuest ? this.#mostOfGuest : this.#mostOfUser)) return (owner) => owner === uid;
    const guests = isGuest ? owners.filter((owner) => !this.#trusts(owner)).length : 0;
    if (isGuest && guests >= this.#mostOfGuests) return (owner) => !this.#trusts(owner);
    return owners.length >= this.#most ? () => true : undefined;
  }
}
