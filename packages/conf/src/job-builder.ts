/** Collects what the stanzas of one file say into a {@link JobConf}. */

import type { ArgumentValue } from './decide.js';
import type {
  CgroupController,
  EventOperator,
  JobConf,
  Limit,
  LimitResource,
  ProcessDefinition,
  ProcessRole,
  StateExpression,
} from './job-conf.js';
import { mergeCgroups } from './merge-cgroups.js';
import type { Argument, ArgumentKind, ArgumentValues } from './stanza-rule.js';
import type { STANZAS, StanzaName } from './stanzas.js';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] | undefined ? Item[] : T[Key] };
/** A {@link JobConf} in the making; lists and records are there from the start. */
type Draft = Mutable<JobConf> & { limits: { [resource in LimitResource]?: Limit } } & {
  processes: { [role in ProcessRole]?: ProcessDefinition };
};

type ValueOf<A> = A extends { readonly kind: infer Kind extends ArgumentKind } ? ArgumentValues[Kind] : never;
type ValuesOf<Form> = Form extends readonly [{ readonly repeat: true } & Argument]
  ? readonly ValueOf<Form[0]>[]
  : { readonly [Index in keyof Form]: ValueOf<Form[Index]> };
/** What a stanza's setter is given: the values of its arguments, in one of its forms. */
type Values<Name extends StanzaName> = (typeof STANZAS)[Name] extends { readonly body: 'words' }
  ? ValuesOf<(typeof STANZAS)[Name]['forms'][number]>
  : (typeof STANZAS)[Name] extends { readonly body: 'events' }
    ? readonly [EventOperator]
    : (typeof STANZAS)[Name] extends { readonly body: 'states' }
      ? readonly [StateExpression]
      : readonly [string];

const process =
  (role: ProcessRole, script: boolean) =>
  (draft: Draft, [command]: readonly [string]): void => {
    draft.processes[role] = { script, command };
  };

const append = <Item>(list: Item[] | undefined, items: readonly Item[]): Item[] => {
  if (!list) return [...items];
  for (const item of items) list.push(item);
  return list;
};

const DEFAULT_CGROUP = '$UPSTART_CGROUP';

const cgroupOf = (words: Values<'cgroup'>): CgroupController => {
  const [controller] = words;
  if (words.length === 1) return { controller, names: [{ name: DEFAULT_CGROUP, settings: [] }] };
  if (words.length === 2) return { controller, names: [{ name: words[1], settings: [] }] };
  if (words.length === 3) return { controller, names: [{ name: DEFAULT_CGROUP, settings: [[words[1], words[2]]] }] };
  return { controller, names: [{ name: words[1], settings: [[words[2], words[3]]] }] };
};

const NEEDS_QUOTES = /[^A-Za-z0-9_./+:@%,-]/;

/** The path as one word of a command line; the original leaves out the quotes, its bug B16. */
const quoted = (path: string): string => (NEEDS_QUOTES.test(path) ? `'${path.replaceAll("'", "'\\''")}'` : path);

/** What each stanza does to the draft. */
const SETTERS = {
  description: (draft, [text]) => {
    draft.description = text;
  },
  author: (draft, [text]) => {
    draft.author = text;
  },
  version: (draft, [text]) => {
    draft.version = text;
  },
  usage: (draft, [text]) => {
    draft.usage = text;
  },
  emits: (draft, events) => {
    draft.emits = append(draft.emits, events);
  },
  debug: (draft) => {
    draft.debug = true;
  },
  instance: (draft, [name]) => {
    draft.instance = name;
  },
  env: (draft, [entry]) => {
    draft.env = append(draft.env, [entry]);
  },
  export: (draft, keys) => {
    draft.export = append(draft.export, keys);
  },
  import: (draft, keys) => {
    draft.import = append(draft.import, keys);
  },
  'start on': (draft, [operator]) => {
    draft.startOn = operator;
  },
  'stop on': (draft, [operator]) => {
    draft.stopOn = operator;
  },
  while: (draft, [expression]) => {
    draft.while = expression;
    delete draft.whileIsGuard;
  },
  manual: (draft) => {
    draft.startOn = null;
    draft.whileIsGuard = true;
  },
  exec: process('main', false),
  script: process('main', true),
  'pre-start exec': process('pre-start', false),
  'pre-start script': process('pre-start', true),
  'post-start exec': process('post-start', false),
  'post-start script': process('post-start', true),
  'pre-stop exec': process('pre-stop', false),
  'pre-stop script': process('pre-stop', true),
  'post-stop exec': process('post-stop', false),
  'post-stop script': process('post-stop', true),
  tmpfiles: (draft, files) => {
    draft.tmpfiles = append(draft.tmpfiles, files);
  },
  task: (draft) => {
    draft.task = true;
  },
  respawn: (draft) => {
    draft.respawn = true;
  },
  'respawn limit': (draft, values) => {
    const [count, seconds] = values.length === 2 ? values : [0, 0];
    draft.respawnLimit = { count, intervalSeconds: seconds };
  },
  'respawn backoff': (draft, [initialSeconds, maxSeconds]) => {
    draft.respawnBackoff = { initialSeconds, maxSeconds };
  },
  expect: (draft, [expect]) => {
    draft.expect = expect;
    delete draft.expectFd;
  },
  'expect fd': (draft, [descriptor]) => {
    draft.expect = 'fd';
    draft.expectFd = descriptor;
  },
  'kill timeout': (draft, [seconds]) => {
    draft.killTimeoutSeconds = seconds;
  },
  'kill signal': (draft, [signal]) => {
    draft.killSignal = signal;
  },
  'reload signal': (draft, [signal]) => {
    draft.reloadSignal = signal;
  },
  'normal exit': (draft, statuses) => {
    draft.normalExit = append(draft.normalExit, statuses);
  },
  'start timeout': (draft, [seconds]) => {
    draft.startTimeoutSeconds = seconds;
  },
  'event timeout': (draft, [seconds]) => {
    draft.eventTimeoutSeconds = seconds;
  },
  watchdog: (draft, [seconds]) => {
    draft.watchdogSeconds = seconds;
  },
  console: (draft, [console]) => {
    draft.console = console;
  },
  log: (draft, [transport]) => {
    draft.logTransport = transport;
  },
  'log rotate': (draft, [bytes, count]) => {
    draft.logRotate = { bytes, count };
  },
  'log format': (draft, [format]) => {
    draft.logFormat = format;
  },
  umask: (draft, [mask]) => {
    draft.umask = mask;
  },
  nice: (draft, [nice]) => {
    draft.nice = nice;
  },
  oom: (draft, [score]) => {
    draft.oomScore = score;
  },
  'oom score': (draft, [score]) => {
    draft.oomScore = score;
  },
  limit: (draft, [resource, soft, hard]) => {
    draft.limits[resource] = { soft, hard };
  },
  chroot: (draft, [path]) => {
    draft.chroot = path;
  },
  chdir: (draft, [path]) => {
    draft.chdir = path;
  },
  setuid: (draft, [user]) => {
    draft.setuid = user;
  },
  setgid: (draft, [group]) => {
    draft.setgid = group;
  },
  'apparmor load': (draft, [path]) => {
    draft.processes.security = { script: false, command: `/sbin/apparmor_parser -r -W ${quoted(path)}` };
  },
  'apparmor switch': (draft, [profile]) => {
    draft.apparmorSwitch = profile;
  },
  cgroup: (draft, words) => {
    draft.cgroups = append(draft.cgroups, [cgroupOf(words)]);
  },
} as const satisfies { readonly [Name in StanzaName]: (draft: Draft, values: Values<Name>) => void };

/** What a stanza was read as: the values of its words, or the one value of its body. */
export type StanzaValues = readonly (ArgumentValue | EventOperator | StateExpression)[];

/** Whether `apparmor load` of this path needs quotes that the original leaves out. */
export const needsQuotes = (path: StanzaValues[number] | undefined): boolean =>
  typeof path === 'string' && NEEDS_QUOTES.test(path);

export class JobBuilder {
  private readonly draft: Draft = { limits: {}, processes: {} };

  apply(name: StanzaName, values: StanzaValues): void {
    // The values were read by the row of the same name, which the type of SETTERS follows.
    (SETTERS[name] as (draft: Draft, values: StanzaValues) => void)(this.draft, values);
  }

  finish(): JobConf {
    const { limits, processes, cgroups, ...rest } = this.draft;
    return {
      ...rest,
      ...(Object.keys(processes).length > 0 ? { processes } : {}),
      ...(Object.keys(limits).length > 0 ? { limits } : {}),
      ...(cgroups ? { cgroups: mergeCgroups([], cgroups) } : {}),
    };
  }
}
