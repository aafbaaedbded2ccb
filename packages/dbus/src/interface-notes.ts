import { REFUSALS } from './access.js';
import {
  INIT1,
  INIT1_INSTANCE,
  INIT1_JOB,
  type InterfaceDefinition,
  JOB_CLASS,
  JOB_INSTANCE,
  MANAGER,
} from './interfaces.js';

/** One sentence for each member of an interface: a member without one does not compile. */
type Notes<D extends InterfaceDefinition> = {
  readonly methods: { readonly [M in keyof D['methods']]: string };
  readonly signals: { readonly [S in keyof D['signals']]: string };
  readonly properties: { readonly [P in keyof D['properties']]: string };
};

const MANAGER_NOTES: Notes<typeof MANAGER> = {
  methods: {
    ReloadConfiguration: 'read every job file again, as SIGHUP does; only what changed is touched',
    GetJobByName: 'the object of a job; `UnknownJob`',
    GetAllJobs: 'the objects of all jobs that the caller may see, in no promised order',
    GetState: 'the whole state as JSON text',
    Restart: 'have the daemon execute itself again and keep its state; the connection may end before the answer',
    GetEnv: 'one variable of a job environment table',
    SetEnv: 'set `NAME=VALUE` (a bare name: to nothing)',
    SetEnvList: 'set several; `replace` false keeps what is set',
    UnsetEnv: 'forget one variable',
    UnsetEnvList: 'forget several; one that is not set is no error',
    ListEnv: 'the whole table, `NAME=VALUE`, in no promised order',
    ResetEnv: 'back to the defaults',
    EmitEvent: 'queue an event; `wait`: answer when nothing blocks it any more; `EventFailed`, `Deadlock`',
    EmitEventWithFile: 'the same with a descriptor, which the jobs that it starts find by `UPSTART_FDS`',
    NotifyDiskWriteable: 'write the logs that were held because their directory could not be written',
    NotifyDBusAddress: 'join the bus at this address',
    NotifyCGroupManagerAddress: 'accepted and passed over: control groups are the own work of the daemon',
    EndSession: 'stop everything and exit; nothing happens in the init of the system',
  },
  signals: {
    JobAdded: 'a job came, or has another definition',
    JobRemoved: 'a job has gone, and its object with it',
    EventEmitted: 'an event has finished (not: was emitted)',
    Restarted: 'the daemon has executed itself again',
  },
  properties: {
    version: 'always `init (upstart 1.13.2)`: tools read it',
    log_priority: '`debug`, `info`, `message`, `warn`, `error`, `fatal`',
  },
};

const JOB_NOTES: Notes<typeof JOB_CLASS> = {
  methods: {
    GetInstance: 'the existing instance that a start with this environment would mean; `UnknownInstance`',
    GetInstanceByName: 'the existing instance of this name; `""` is the plain one; `UnknownInstance`',
    GetAllInstances: 'all instances, in no promised order',
    Start:
      'start the instance that the environment names; `wait`: answer when it is up (a task: done); `AlreadyStarted`, `JobFailed`',
    Stop: 'stop it; `UnknownInstance`, `AlreadyStopped`, `JobFailed`',
    Restart: 'stop and start it; `UnknownInstance`, `AlreadyStopped`, `JobFailed`',
  },
  signals: {
    InstanceAdded: 'an instance was made',
    InstanceRemoved: 'an instance came to rest, and its object has gone',
  },
  properties: {
    name: 'as the file is called, without `.conf`',
    description: 'the stanza, or `""`',
    author: 'the stanza, or `""`',
    version: 'the stanza, or `""`',
    usage: 'the stanza, or `""`',
    start_on: 'the condition in reverse Polish order: `[event, argument…]`, `["/AND"]`, `["/OR"]`',
    stop_on: 'as `start_on`',
    emits: 'the events that it says it emits',
  },
};

const INSTANCE_NOTES: Notes<typeof JOB_INSTANCE> = {
  methods: {
    Start: 'start it again, with the environment that it had; `AlreadyStarted`, `JobFailed`',
    Stop: 'stop it; `AlreadyStopped`, `JobFailed`',
    Restart: 'stop and start it; `AlreadyStopped`, `JobFailed`',
    Reload: 'send the reload signal to its main process; `NotRunning`',
  },
  signals: {
    GoalChanged: 'before whatever changes of state it leads to',
    StateChanged: 'every state that it enters, also those that it leaves at once',
    Failed: 'the first failure of a run: exit status, signal × 256, or -1 where it could not be started',
  },
  properties: {
    name: '`""` for a plain job',
    goal: '`start`, `stop`',
    state: '`waiting`, `starting` … `running` … `post-stop`',
    processes: 'role and PID of each live process, `main` first',
  },
};

const INIT1_NOTES: Notes<typeof INIT1> = {
  methods: {
    ListJobs: 'every job with its instances: path, name, `[path, name, goal, state, processes]`',
    ListDefinitions: 'every job with its properties',
    Explain: 'why a job, or `[job, instance]`, is as it is: sentences, and the same as JSON text',
    ExplainEvent: 'what an event that has not finished waits for',
    ExplainCondition:
      'who could bring about an event, spelt as conditions spell it (`[started, JOB=db]`), and what would come of it',
    Simulate: 'play what would happen to the jobs as they are defined now; JSON text both ways',
    States: 'the states that hold, and the `while` conditions that ask for them',
    Usage: 'memory, CPU time and processes of all instances, those of a job, or one',
    Journal:
      'the newest lines that fit the filter (`job`, `instance`, `what`, `session`, `event`, `since`, `until`, `lines`); `follow`: and every one from now on',
    JournalPlace:
      'the directory of its files, once all that has happened is in them; `""` for who is in a session of their own; `NoJournal` where it is in none',
    StopJournal: 'follow no more',
    Sessions: 'the sessions that are open',
    OpenSession: 'open the session of a root directory or a user',
    CloseSession: 'close it',
    ConfirmStarts:
      'have starts wait for a word, those of `jobs` or (`[]`) all, each at most so long, which means yes (0: for ever); or no longer',
    AnswerStart: '`yes`, `no`, `always` (for this job) or `quit` (ask no more) for a start that waits',
    Confirming:
      'whether starts wait for a word, those of `jobs` (`[]`: all) but `always`, and for how long at most (0: for ever)',
    HeldStarts: 'the starts that wait: job, instance, the reason in sentences, and for how long still (0: for ever)',
    ReleaseFiles:
      'hold no file open, so that file systems can be unmounted or mounted read-only; the journal goes on in the directory `journal`, or stops (`""`). Tells what still hinders it',
    ResumeFiles: 'hold them again',
  },
  signals: { JournalLine: 'to the one who follows, and nobody else' },
  properties: {
    version: 'the version of this surface',
    bridge_events: 'events that bridges inside the daemon emit, or patterns of their names',
  },
};

const INIT1_JOB_NOTES: Notes<typeof INIT1_JOB> = {
  methods: {
    LogFile:
      'the file that the output of the instance of this name goes to, running or not; `""` where its output goes elsewhere, or nowhere',
  },
  signals: {},
  properties: {
    start_on: 'the condition as an array of variants: `("started", ["JOB=db"])`, `"AND"`, `"OR"`',
    stop_on: 'as `start_on`',
    while: 'the states while which it runs, as text',
    stale_because_of: 'the broken file because of which it keeps an older definition',
    file: 'the path of its `.conf`; `""` for a job that has none',
    override_file: 'the path of the override that is in force; `""` for none',
    instances: 'the objects of its instances',
  },
};

const INIT1_INSTANCE_NOTES: Notes<typeof INIT1_INSTANCE> = {
  methods: {},
  signals: {},
  properties: {
    paused: 'its processes that have stopped before their programs, because of `debug`, and wait for SIGCONT',
    stale_because_of: 'as that of its job',
  },
};

/** An interface as the documentation shows it. */
export interface DescribedInterface {
  readonly name: string;
  /** The path of its objects. */
  readonly path: string;
  readonly members: readonly DescribedMember[];
}

export interface DescribedMember {
  readonly kind: 'method' | 'signal' | 'property';
  readonly name: string;
  /** Arguments with their types; of a method what goes in. */
  readonly takes: readonly (readonly [name: string, type: string])[];
  /** What a method answers, or the type of a property. */
  readonly gives: readonly (readonly [name: string, type: string])[];
  /** Only root and the user of the daemon may call or set it. */
  readonly restricted: boolean;
  readonly note: string;
}

const describe = <D extends InterfaceDefinition>(definition: D, path: string, notes: Notes<D>): DescribedInterface => {
  const noted = notes as unknown as Readonly<Record<keyof Notes<D>, Readonly<Record<string, string>>>>;
  const common = (group: keyof Notes<D>, name: string) => ({
    name,
    note: noted[group][name] ?? '',
    restricted: REFUSALS.get(definition.name)?.has(name) ?? false,
  });
  return {
    name: definition.name,
    path,
    members: [
      ...Object.entries(definition.methods).map(
        ([name, { in: takes, out: gives }]) => ({ kind: 'method', takes, gives, ...common('methods', name) }) as const,
      ),
      ...Object.entries(definition.signals).map(
        ([name, takes]) => ({ kind: 'signal', takes, gives: [], ...common('signals', name) }) as const,
      ),
      ...Object.entries(definition.properties).map(
        ([name, { type, access }]) =>
          ({ kind: 'property', takes: [], gives: [[access, type]], ...common('properties', name) }) as const,
      ),
    ],
  };
};

const MANAGER_OBJECT = '/com/ubuntu/Upstart';
const JOB_OBJECT = `${MANAGER_OBJECT}/jobs/JOB`;

/** Every interface of the daemon's own, with what each member is for. */
export const INTERFACES: readonly DescribedInterface[] = [
  describe(MANAGER, MANAGER_OBJECT, MANAGER_NOTES),
  describe(JOB_CLASS, JOB_OBJECT, JOB_NOTES),
  describe(JOB_INSTANCE, `${JOB_OBJECT}/INSTANCE`, INSTANCE_NOTES),
  describe(INIT1, MANAGER_OBJECT, INIT1_NOTES),
  describe(INIT1_JOB, JOB_OBJECT, INIT1_JOB_NOTES),
  describe(INIT1_INSTANCE, `${JOB_OBJECT}/INSTANCE`, INIT1_INSTANCE_NOTES),
];
