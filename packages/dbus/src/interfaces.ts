import type { Variant } from './value.js';

/** The types that the interfaces use, and what a value of each is here. */
export interface WireTypes {
  readonly s: string;
  readonly o: string;
  readonly b: boolean;
  readonly i: number;
  readonly u: number;
  readonly h: number;
  readonly v: Variant;
  readonly as: readonly string[];
  readonly ao: readonly string[];
  readonly av: readonly Variant[];
  readonly aas: readonly (readonly string[])[];
  readonly 'a(si)': readonly (readonly [name: string, pid: number])[];
  readonly 'a{sv}': ReadonlyMap<string, Variant>;
  readonly 'aa{sv}': readonly ReadonlyMap<string, Variant>[];
  readonly 'a(ssas)': readonly (readonly [job: string, instance: string, env: readonly string[]])[];
  readonly 'a(ssasu)': readonly (readonly [job: string, instance: string, reason: readonly string[], ms: number])[];
  readonly 'a(ssb)': readonly (readonly [job: string, expression: string, holds: boolean])[];
  readonly 'a(ssa{sv})': readonly (readonly [job: string, instance: string, usage: ReadonlyMap<string, Variant>])[];
  readonly 'a(oa{sv})': readonly (readonly [path: string, properties: ReadonlyMap<string, Variant>])[];
  readonly 'a(osa(osssa(si)))': readonly JobRow[];
}
/** A job as `ListJobs` has it. */
export type JobRow = readonly [path: string, name: string, instances: readonly InstanceRow[]];
/** An instance as `ListJobs` has it. */
export type InstanceRow = readonly [
  path: string,
  name: string,
  goal: string,
  state: string,
  processes: readonly (readonly [name: string, pid: number])[],
];
export type WireType = keyof WireTypes;

/** An argument as introspection shows it. */
export type Argument = readonly [name: string, type: WireType];

/** One interface: everything that introspection says and that calls are checked against. */
export interface InterfaceDefinition {
  readonly name: string;
  readonly methods: Readonly<Record<string, { readonly in: readonly Argument[]; readonly out: readonly Argument[] }>>;
  readonly signals: Readonly<Record<string, readonly Argument[]>>;
  readonly properties: Readonly<Record<string, { readonly type: WireType; readonly access: 'read' | 'readwrite' }>>;
}

/** The values of a list of arguments. */
export type Values<A extends readonly Argument[]> = { readonly [I in keyof A]: WireTypes[A[I][1]] };

const ENV = ['env', 'as'] as const;
const WAIT = ['wait', 'b'] as const;
const NAME = ['name', 's'] as const;
const ADDRESS = ['address', 's'] as const;
const JOB = ['job', 'o'] as const;
const INSTANCE = ['instance', 'o'] as const;
const JOB_DETAILS = ['job_details', 'as'] as const;
const REPLACE = ['replace', 'b'] as const;
const READ_TEXT = { type: 's', access: 'read' } as const;
const SUBJECT = ['subject', 'as'] as const;
const EXPLANATION = [
  ['sentences', 'as'],
  ['details', 's'],
] as const;
const FOLLOWER = ['follower', 'u'] as const;
const SESSION = ['session', 's'] as const;

/** `/com/ubuntu/Upstart`: the daemon as a whole. */
export const MANAGER = {
  name: 'com.ubuntu.Upstart0_6',
  methods: {
    ReloadConfiguration: { in: [], out: [] },
    GetJobByName: { in: [NAME], out: [JOB] },
    GetAllJobs: { in: [], out: [['jobs', 'ao']] },
    GetState: { in: [], out: [['state', 's']] },
    Restart: { in: [], out: [] },
    GetEnv: { in: [JOB_DETAILS, NAME], out: [['value', 's']] },
    SetEnv: { in: [JOB_DETAILS, ['var', 's'], REPLACE], out: [] },
    SetEnvList: { in: [JOB_DETAILS, ['vars', 'as'], REPLACE], out: [] },
    UnsetEnv: { in: [JOB_DETAILS, NAME], out: [] },
    UnsetEnvList: { in: [JOB_DETAILS, ['name', 'as']], out: [] },
    ListEnv: { in: [JOB_DETAILS], out: [ENV] },
    ResetEnv: { in: [JOB_DETAILS], out: [] },
    EmitEvent: { in: [NAME, ENV, WAIT], out: [] },
    EmitEventWithFile: { in: [NAME, ENV, WAIT, ['file', 'h']], out: [] },
    NotifyDiskWriteable: { in: [], out: [] },
    NotifyDBusAddress: { in: [ADDRESS], out: [] },
    NotifyCGroupManagerAddress: { in: [ADDRESS], out: [] },
    EndSession: { in: [], out: [] },
  },
  signals: {
    JobAdded: [JOB],
    JobRemoved: [JOB],
    EventEmitted: [NAME, ENV],
    Restarted: [],
  },
  properties: {
    version: READ_TEXT,
    log_priority: { type: 's', access: 'readwrite' },
  },
} as const satisfies InterfaceDefinition;

/** `/com/ubuntu/Upstart/jobs/JOB`: a job class. */
export const JOB_CLASS = {
  name: 'com.ubuntu.Upstart0_6.Job',
  methods: {
    GetInstance: { in: [ENV], out: [INSTANCE] },
    GetInstanceByName: { in: [NAME], out: [INSTANCE] },
    GetAllInstances: { in: [], out: [['instances', 'ao']] },
    Start: { in: [ENV, WAIT], out: [INSTANCE] },
    Stop: { in: [ENV, WAIT], out: [] },
    Restart: { in: [ENV, WAIT], out: [INSTANCE] },
  },
  signals: {
    InstanceAdded: [INSTANCE],
    InstanceRemoved: [INSTANCE],
  },
  properties: {
    name: READ_TEXT,
    description: READ_TEXT,
    author: READ_TEXT,
    version: READ_TEXT,
    usage: READ_TEXT,
    start_on: { type: 'aas', access: 'read' },
    stop_on: { type: 'aas', access: 'read' },
    emits: { type: 'as', access: 'read' },
  },
} as const satisfies InterfaceDefinition;

/** `/com/ubuntu/Upstart/jobs/JOB/INSTANCE`: one instance. */
export const JOB_INSTANCE = {
  name: 'com.ubuntu.Upstart0_6.Instance',
  methods: {
    Start: { in: [WAIT], out: [] },
    Stop: { in: [WAIT], out: [] },
    Restart: { in: [WAIT], out: [] },
    Reload: { in: [], out: [] },
  },
  signals: {
    GoalChanged: [['goal', 's']],
    StateChanged: [['state', 's']],
    Failed: [['status', 'i']],
  },
  properties: {
    name: READ_TEXT,
    goal: READ_TEXT,
    state: READ_TEXT,
    processes: { type: 'a(si)', access: 'read' },
  },
} as const satisfies InterfaceDefinition;

/** What the original lacks, on the manager's object. */
export const INIT1 = {
  name: 'org.maverick.Init1',
  methods: {
    ListJobs: { in: [], out: [['jobs', 'a(osa(osssa(si)))']] },
    ListDefinitions: { in: [], out: [['definitions', 'a(oa{sv})']] },
    Explain: { in: [SUBJECT], out: EXPLANATION },
    ExplainEvent: { in: [['event', 'u']], out: EXPLANATION },
    ExplainCondition: { in: [['condition', 'as']], out: EXPLANATION },
    Simulate: { in: [['request', 's']], out: [['outcome', 's']] },
    States: {
      in: [],
      out: [
        ['holding', 'a(ssas)'],
        ['conditions', 'a(ssb)'],
      ],
    },
    Usage: { in: [SUBJECT], out: [['usage', 'a(ssa{sv})']] },
    Journal: {
      in: [
        ['filter', 'a{sv}'],
        ['follow', 'b'],
      ],
      out: [['lines', 'as'], FOLLOWER],
    },
    JournalPlace: { in: [], out: [['directory', 's']] },
    StopJournal: { in: [FOLLOWER], out: [] },
    Sessions: { in: [], out: [['sessions', 'aa{sv}']] },
    OpenSession: { in: [['options', 'a{sv}']], out: [SESSION] },
    CloseSession: { in: [SESSION], out: [] },
    ConfirmStarts: {
      in: [
        ['on', 'b'],
        ['jobs', 'as'],
        ['timeout_ms', 'u'],
      ],
      out: [],
    },
    AnswerStart: {
      in: [
        ['job', 's'],
        ['instance', 's'],
        ['answer', 's'],
      ],
      out: [],
    },
    Confirming: {
      in: [],
      out: [
        ['on', 'b'],
        ['jobs', 'as'],
        ['always', 'as'],
        ['timeout_ms', 'u'],
      ],
    },
    HeldStarts: { in: [], out: [['starts', 'a(ssasu)']] },
    ReleaseFiles: { in: [['journal', 's']], out: [['hindrances', 'as']] },
    ResumeFiles: { in: [], out: [] },
  },
  signals: {
    /** To whoever asked for it, and nobody else. */
    JournalLine: [FOLLOWER, ['line', 's']],
  },
  properties: {
    version: READ_TEXT,
    bridge_events: { type: 'as', access: 'read' },
  },
} as const satisfies InterfaceDefinition;

/** What the original lacks, on the object of a job class. */
export const INIT1_JOB = {
  name: 'org.maverick.Init1.Job',
  methods: {
    LogFile: { in: [NAME], out: [['path', 's']] },
  },
  signals: {},
  properties: {
    start_on: { type: 'av', access: 'read' },
    stop_on: { type: 'av', access: 'read' },
    while: READ_TEXT,
    stale_because_of: READ_TEXT,
    file: READ_TEXT,
    override_file: READ_TEXT,
    instances: { type: 'ao', access: 'read' },
  },
} as const satisfies InterfaceDefinition;

/** What the original lacks, on the object of an instance. */
export const INIT1_INSTANCE = {
  name: 'org.maverick.Init1.Instance',
  methods: {},
  signals: {},
  properties: {
    paused: { type: 'a(si)', access: 'read' },
    stale_because_of: READ_TEXT,
  },
} as const satisfies InterfaceDefinition;

export const PROPERTIES = {
  name: 'org.freedesktop.DBus.Properties',
  methods: {
    Get: {
      in: [
        ['interface_name', 's'],
        ['property_name', 's'],
      ],
      out: [['value', 'v']],
    },
    Set: {
      in: [
        ['interface_name', 's'],
        ['property_name', 's'],
        ['value', 'v'],
      ],
      out: [],
    },
    GetAll: { in: [['interface_name', 's']], out: [['props', 'a{sv}']] },
  },
  signals: {
    PropertiesChanged: [
      ['interface_name', 's'],
      ['changed_properties', 'a{sv}'],
      ['invalidated_properties', 'as'],
    ],
  },
  properties: {},
} as const satisfies InterfaceDefinition;

export const INTROSPECTABLE = {
  name: 'org.freedesktop.DBus.Introspectable',
  methods: {
    Introspect: { in: [], out: [['data', 's']] },
  },
  signals: {},
  properties: {},
} as const satisfies InterfaceDefinition;

/** Answered on every path, and not shown by introspection: as libdbus does. */
export const PEER = {
  name: 'org.freedesktop.DBus.Peer',
  methods: {
    Ping: { in: [], out: [] },
    GetMachineId: { in: [], out: [['machine_uuid', 's']] },
  },
  signals: {},
  properties: {},
} as const satisfies InterfaceDefinition;

const RULE = ['rule', 's'] as const;
const BUS_NAME = ['name', 's'] as const;

/** What clients ask first that take a private socket for a bus. On a bus, the bus answers it. */
export const BUS = {
  name: 'org.freedesktop.DBus',
  methods: {
    Hello: { in: [], out: [['unique_name', 's']] },
    AddMatch: { in: [RULE], out: [] },
    RemoveMatch: { in: [RULE], out: [] },
    GetNameOwner: { in: [BUS_NAME], out: [['unique_name', 's']] },
    NameHasOwner: { in: [BUS_NAME], out: [['has_owner', 'b']] },
  },
  signals: { NameLost: [BUS_NAME] },
  properties: {},
} as const satisfies InterfaceDefinition;

/** The same, of monitors. */
export const MONITORING = {
  name: 'org.freedesktop.DBus.Monitoring',
  methods: {
    BecomeMonitor: {
      in: [
        ['rules', 'as'],
        ['flags', 'u'],
      ],
      out: [],
    },
  },
  signals: {},
  properties: {},
} as const satisfies InterfaceDefinition;

const signatures = new WeakMap<readonly Argument[], string>();

/** The signature of a list of arguments. Those of the interfaces are asked for with every call, and kept. */
export const signatureOf = (args: readonly Argument[]): string => {
  const known = signatures.get(args);
  if (known !== undefined) return known;
  const signature = args.map(([, type]) => type).join('');
  signatures.set(args, signature);
  return signature;
};
