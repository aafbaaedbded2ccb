/** What can be wrong before the daemon is asked, or when it can't be. The texts are the original's: scripts read them. */
const ERRORS = {
  'invalid-option': { text: (c: { option: string }) => `invalid option: ${c.option}`, hint: true },
  'missing-argument': { text: (c: { option: string }) => `missing argument: ${c.option}`, hint: true },
  'unexpected-argument': { text: (c: { option: string }) => `unexpected argument: ${c.option}`, hint: true },
  'missing-command': { text: 'missing command', hint: true },
  'invalid-command': { text: (c: { command: string }) => `invalid command: ${c.command}`, hint: true },
  'missing-job-name': { text: 'missing job name', hint: true },
  'missing-event-name': { text: 'missing event name', hint: true },
  'missing-variable-name': { text: 'missing variable name', hint: true },
  'missing-variable-value': { text: 'missing variable value', hint: true },
  'missing-dbus-address': { text: 'missing D-Bus address', hint: true },
  'files-held': { text: (c: { hindrances: readonly string[] }) => c.hindrances.join('\n'), hint: false },
  'missing-address': { text: 'missing address', hint: true },
  'missing-runlevel': { text: 'missing runlevel', hint: true },
  'illegal-runlevel': { text: (c: { runlevel: string }) => `illegal runlevel: ${c.runlevel}`, hint: true },
  'time-expected': { text: 'time expected', hint: true },
  'illegal-hour': { text: 'illegal hour value', hint: true },
  'illegal-minute': { text: 'illegal minute value', hint: true },
  'illegal-time': { text: 'illegal time value', hint: true },
  'need-root': { text: 'Need to be root', hint: false },
  'another-shutdown': { text: 'Another shutdown is already running', hint: false },
  'no-shutdown-pid': { text: 'Cannot find pid of running shutdown', hint: false },
  'no-shutdown': { text: 'Shutdown is not running', hint: false },
  'cannot-shutdown': { text: 'Unable to shutdown system', hint: false },
  'not-the-systems': {
    text: (c: { path: string }) => `Not done: this program is not the ${c.path} of this system`,
    hint: false,
  },
  'invalid-destination': { text: (c: { name: string }) => `invalid destination: ${c.name}`, hint: true },
  'connection-lost': { text: 'The connection to Upstart was lost', hint: false },
  'unreadable-utmp': { text: (c: { path: string; reason: string }) => `${c.path}: ${c.reason}`, hint: false },
  'invalid-job-class': { text: (c: { job: string }) => `Invalid job class: ${c.job}`, hint: false },
  'two-formats': { text: (c: { one: string; other: string }) => `${c.one} given with ${c.other}`, hint: true },
  'two-inits': { text: '--global given with --user', hint: true },
  'no-such-session': { text: (c: { session: string }) => `No such session: ${c.session}`, hint: false },
  'files-of-another-session': {
    text: (c: { session: string; way: string }) =>
      `The files of the session ${c.session} are for who is in it to change: ${c.way}`,
    hint: false,
  },
  'no-such-root': { text: (c: { root: string }) => `No session has the root directory ${c.root}`, hint: false },
  'no-session-action': { text: 'missing open, close or show', hint: true },
  'no-activation-action': { text: 'missing install, check or start', hint: true },
  'missing-bus-name': { text: 'missing bus name', hint: true },
  'illegal-bus-name': { text: (c: { name: string }) => `illegal bus name: ${c.name}`, hint: false },
  'no-job-brings': { text: (c: { name: string }) => `No job starts on dbus-activation for ${c.name}`, hint: false },
  'name-not-taken': {
    text: (c: { name: string }) => `The job has ended, and nobody has the name ${c.name}`,
    hint: false,
  },
  'missing-session': { text: 'missing session', hint: true },
  'no-timers': {
    text: (c: { path: string }) => `There are no times in ${c.path}: no time bridge works for this daemon`,
    hint: false,
  },
  'no-time-bridge': { text: (c: { pid: number }) => `The time bridge (process ${c.pid}) has ended`, hint: false },
  'no-sessions': { text: 'The init daemon has no sessions', hint: false },
  'not-this-daemon': {
    text: (c: { what: string }) => `The init daemon can not tell ${c.what}: it is not Maverick's, or older`,
    hint: false,
  },
  'illegal-number': {
    text: (c: { option: string; value: string }) => `illegal number for ${c.option}: ${c.value}`,
    hint: true,
  },
  'illegal-choice': {
    text: (c: { option: string; value: string; choices: string }) =>
      `illegal value for ${c.option}: ${c.value} (it takes ${c.choices})`,
    hint: true,
  },
  'no-wait-goal': { text: 'missing --for=started or --for=stopped', hint: true },
  'timed-out': { text: (c: { status: string }) => `Timed out: ${c.status}`, hint: false },
  'no-log-file': { text: (c: { job: string }) => `The output of ${c.job} goes to no log file`, hint: false },
  'no-job-files': { text: (c: { dir: string }) => `${c.dir}: No job files there`, hint: false },
  'no-scenarios': { text: (c: { dir: string }) => `${c.dir}: No scenario files there (NAME.scenario)`, hint: false },
  'missing-directory': { text: 'missing directory', hint: true },
  'no-held-start': {
    text: (c: { job: string }) => `No start waits to be confirmed${c.job === '' ? '' : `: ${c.job}`}`,
    hint: false,
  },
  'journal-cut': {
    text: (c: { moment: string; oldest: string }) =>
      `The journal can not tell how it was at ${c.moment}: it must go back to the beginning of the daemon then, and begins with ${c.oldest}`,
    hint: false,
  },
  'journal-gap': {
    text: (c: { moment: string; from: string }) =>
      `The journal can not tell how it was at ${c.moment}: lines of it are missing before ${c.from}`,
    hint: false,
  },
  'journal-not-readable': {
    text: "The journal's files can not be read here: only who may read them can ask for the past",
    hint: false,
  },
  'not-a-variable': { text: (c: { text: string }) => `expected KEY=VALUE: ${c.text}`, hint: true },
  'unreadable-file': { text: (c: { path: string; reason: string }) => `${c.path}: ${c.reason}`, hint: false },
  'unknown-job-file': {
    text: (c: { job: string; places: string }) => `No job file of ${c.job} in ${c.places}`,
    hint: false,
  },
  'job-without-file': { text: (c: { job: string }) => `No file defines ${c.job}: it has no override`, hint: false },
  'broken-override': { text: (c: { problems: string }) => c.problems, hint: false },
  'manual-in-file': {
    text: (c: { job: string; path: string }) =>
      `Nothing starts ${c.job} but a command: ${c.path} has no start on that counts`,
    hint: false,
  },
  'editor-failed': { text: (c: { editor: string; how: string }) => `The editor ${c.editor} ${c.how}`, hint: false },
  'not-a-terminal': { text: 'Not a terminal', hint: false },
  'illegal-time-point': {
    text: (c: { option: string; value: string }) =>
      `illegal time for ${c.option}: ${c.value} (it takes 2026-11-28T10:30 or a part of that, or 90s, 5min, 2h, 1d)`,
    hint: true,
  },
  'time-to-come': {
    text: (c: { moment: string }) => `${c.moment} is still to come: simulate tells what would happen`,
    hint: false,
  },
  'no-span': {
    text: (c: { since: string; until: string }) =>
      `--until must be later than --since: nothing is from ${c.since} on and before ${c.until}`,
    hint: true,
  },
  'outside-boot': {
    text: (c: { from: string; to: string }) =>
      `Nothing of this boot is in that span: the journal tells of it from ${c.from} to ${c.to}`,
    hint: false,
  },
  'no-journal': { text: (c: { dir: string }) => `${c.dir}: No journal that can be read`, hint: false },
  'no-journal-kept': {
    text: 'The init daemon keeps no journal: it was started with --no-journal, or found no directory for one. With --journal=DIR it keeps one there. Without one, initctl journal --follow shows what comes',
    hint: false,
  },
  'no-such-boot': {
    text: (c: { boot: number }) => `The journal that can be read does not reach back to boot ${c.boot}`,
    hint: false,
  },
  'empty-journal': { text: 'The journal has no lines', hint: false },
  'no-boot-begin': {
    text: 'The journal does not tell how this boot began: name the job whose chain you want',
    hint: false,
  },
  'cut-run': {
    text: (c: { job: string; from: string }) =>
      `${c.job} has run since before ${c.from}, where what the journal tells begins: what its start waited for is not known`,
    hint: false,
  },
  'never-came-up': {
    text: (c: { job: string }) => `The journal tells of no time at which ${c.job} was up`,
    hint: false,
  },
  'unwritable-file': { text: (c: { path: string; reason: string }) => `${c.path}: ${c.reason}`, hint: false },
  'not-in-graph': { text: (c: { name: string }) => `The graph has neither a job nor an event ${c.name}`, hint: false },
  'no-runs': { text: (c: { job: string }) => `The journal tells of no run of ${c.job}`, hint: false },
  'dest-without-bus': { text: '--dest given without --system', hint: true },
  'no-session-address': {
    text: "UPSTART_SESSION isn't set in the environment. Unable to locate the Upstart instance.",
    hint: false,
  },
  'cannot-connect': {
    text: (c: { to: 'Upstart' | 'system bus' | 'session bus'; reason: string }) =>
      `Unable to connect to ${c.to}: ${c.reason}`,
    hint: false,
  },
  'cannot-write': { text: (c: { reason: string }) => `Unable to write the output: ${c.reason}`, hint: false },
  'not-running': { text: 'Not running', hint: false },
  'no-session-directory': { text: 'Unable to query session directory', hint: false },
  'unreadable-session-directory': { text: 'unable to determine sessions', hint: false },
} as const;

export type ErrorCode = keyof typeof ERRORS;
type Context<C extends ErrorCode> = (typeof ERRORS)[C]['text'] extends (context: infer T) => string
  ? T
  : Readonly<Record<never, never>>;

const messageOf = <C extends ErrorCode>(code: C, context: Context<C>): string => {
  const { text } = ERRORS[code];
  return typeof text === 'string' ? text : (text as (context: Context<C>) => string)(context);
};

/** A command can't be carried out. `code` is stable API, and so is the message, which scripts read. */
export class InitctlError<C extends ErrorCode = ErrorCode> extends Error {
  static {
    Object.defineProperty(InitctlError.prototype, 'name', { value: 'InitctlError' });
  }

  readonly code: C;
  readonly context: Context<C>;
  /** The command line was wrong: point at `--help`. */
  readonly hint: boolean;

  constructor(code: C, context: Context<C>, options?: ErrorOptions) {
    super(messageOf(code, context), options);
    this.code = code;
    this.context = context;
    this.hint = ERRORS[code].hint;
  }
}

/** The answer is no, and has been printed: nothing is left to say but the exit status. */
export class AnsweredNo extends Error {
  static {
    Object.defineProperty(AnsweredNo.prototype, 'name', { value: 'AnsweredNo' });
  }
}
