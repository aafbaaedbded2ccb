import type { JournalFilter } from '@maverick/engine';
import { type Call, demand, notSupported } from './call.js';
import type { ClientLink } from './client-link.js';
import { dbusError } from './error-names.js';
import type { MethodTable } from './implementation.js';
import { INIT1, signatureOf } from './interfaces.js';
import type { KeptFollower } from './kept.js';
import type { JournalModel } from './model.js';
import { MANAGER_PATH, SYSTEM_SESSION } from './object-path.js';
import type { Variant } from './value.js';

/** How many lines are told where nothing else is asked for, and at most. */
const DEFAULT_LINES = 100;
const MOST_LINES = 10_000;
/** How many followers one client may have. */
const MOST_FOLLOWERS = 16;

/** What a filter can name. */
const FILTERS = {
  job: true,
  instance: true,
  what: true,
  session: true,
  event: true,
  since: true,
  until: true,
} as const satisfies Record<keyof JournalFilter, true>;

interface Wanted {
  readonly filter: JournalFilter;
  readonly count: number;
}

/** `a{sv}` as a filter. What is not known is refused, lest a slip shows everything. */
const readFilter = (options: ReadonlyMap<string, Variant>): Wanted => {
  const filter: Record<string, string> = {};
  let count = DEFAULT_LINES;
  for (const [key, { value }] of options) {
    if (key === 'lines' && typeof value === 'number' && value >= 0) count = Math.min(value, MOST_LINES);
    else if (Object.hasOwn(FILTERS, key) && typeof value === 'string') filter[key] = value;
    else throw dbusError('InvalidArgs', `The journal has no filter '${key}' of this type`);
  }
  return { filter, count };
};

const journalOf = ({ model }: Call): JournalModel => {
  if (!model.journal) throw notSupported('Journal');
  return model.journal;
};

/** Who is in a session of their own sees the lines of that one: those of the system have the environments of others. */
const ownFilter = ({ session }: Call, filter: JournalFilter): JournalFilter => {
  if (session === SYSTEM_SESSION) return filter;
  demand(
    filter.session === undefined || filter.session === session,
    'PermissionDenied',
    'You do not have permission to read the journal of another session',
  );
  return { ...filter, session };
};

/** Tell a client of every line from now on. @returns the follower's number, which is never 0 */
const follow = ({ client }: Call, journal: JournalModel, filter: JournalFilter): number => {
  demand(client.belongings.size < MOST_FOLLOWERS, 'LimitsExceeded', 'This client follows the journal too often');
  const id = Math.max(0, ...client.belongings.keys()) + 1;
  followAs(client, journal, { id, filter });
  return id;
};

/** Tell a client of every line from now on, under this number. */
export const followAs = (client: ClientLink, journal: JournalModel, { id, filter }: KeptFollower): void => {
  const signature = signatureOf(INIT1.signals.JournalLine);
  const signal = {
    kind: 'signal',
    path: MANAGER_PATH,
    interface: INIT1.name,
    member: 'JournalLine',
    signature,
  } as const;
  client.belongings.set(id, {
    filter,
    release: journal.follow(filter, (line) => client.signal({ ...signal, body: [id, line] })),
  });
};

/** The methods that show the journal. */
export const journalMethods: Pick<MethodTable<typeof INIT1, Call>, 'Journal' | 'JournalPlace' | 'StopJournal'> = {
  Journal: (call, [options, follows], answer) => {
    const journal = journalOf(call);
    const { filter: wanted, count } = readFilter(options);
    const filter = ownFilter(call, wanted);
    const lines = journal.tail(filter, count);
    answer(lines, follows ? follow(call, journal, filter) : 0);
  },
  JournalPlace: (call, _, answer) => {
    const journal = journalOf(call);
    if (!journal.place) throw notSupported('JournalPlace');
    journal.place((dir) => {
      if (dir === undefined) answer.fail(dbusError('NoJournal', 'This daemon keeps no journal'));
      // Its files have everybody's lines, and are root's.
      else answer(call.session === SYSTEM_SESSION ? dir : '');
    });
  },
  StopJournal: ({ client }, [id], answer) => {
    const stop = client.belongings.get(id);
    demand(stop !== undefined, 'InvalidArgs', `No follower of the journal has the number ${id}`);
    client.belongings.delete(id);
    stop?.release();
    answer();
  },
};
