import { readdirSync, readFileSync } from 'node:fs';
import { BUS_NAME, type BusClient, connect, readServiceFiles, type ServiceFile } from '@maverick/dbus/client';
import { jobsThatBring } from './activation-jobs.js';
import type { BusKind } from './service-file.js';

/** One thing that has to be as it must. */
export interface Finding {
  readonly ok: boolean;
  readonly what: string;
  /** What to do about it, where it is not ok. */
  readonly todo?: string;
}

export interface CheckOptions {
  /** Absent: it can't be joined. */
  readonly bus: BusClient | undefined;
  readonly kind: BusKind;
  /** Absent: only the bus is looked at. */
  readonly name: string | undefined;
  /** Where the bus looks for service files. */
  readonly folders: readonly string[];
}

/** Whom a bus asks that hands activation on. */
const ACTIVATOR = 'org.freedesktop.systemd1';
const POLICY_FOLDERS = ['/etc/dbus-1/system.d', '/usr/share/dbus-1/system.d'];

const found = (ok: boolean, what: string, todo: string): Finding => (ok ? { ok, what } : { ok, what, todo });

const ownerOf = (bus: BusClient, name: string): Promise<unknown> =>
  bus.ask('GetNameOwner', 's', name).then(
    ([owner]) => owner,
    () => undefined,
  );

const pidOf = (bus: BusClient, name: string): Promise<unknown> =>
  bus.ask('GetConnectionUnixProcessID', 's', name).then(
    ([pid]) => pid,
    () => undefined,
  );

/** The command line of a process; undefined where one may not look. */
const commandOf = (pid: unknown): readonly string[] | undefined => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return undefined;
  }
};

/** Whether the bus hands activation on; undefined: it can't be seen. */
const handsOn = async (bus: BusClient): Promise<boolean | undefined> =>
  commandOf(await pidOf(bus, 'org.freedesktop.DBus'))?.includes('--systemd-activation');

/** Who starts a service: the daemon, because it is asked; the bus, by the file's `Exec`; somebody else, if the file names a unit. */
type Way = 'asked' | 'executed' | 'others';

const wayOf = async (bus: BusClient, kind: BusKind): Promise<{ findings: Finding[]; way: Way }> => {
  const [upstart, activator, asks] = await Promise.all([ownerOf(bus, BUS_NAME), ownerOf(bus, ACTIVATOR), handsOn(bus)]);
  const daemon = found(
    upstart !== undefined,
    `Upstart has joined the ${kind} bus`,
    kind === 'system'
      ? 'Is the daemon running, with the policy file of its D-Bus package in /etc/dbus-1/system.d?'
      : 'Start the daemon with the address of the bus, or tell it: initctl notify-dbus-address ADDRESS',
  );
  if (asks === false) {
    const what = 'the bus is not started with --systemd-activation: service files are executed';
    return { findings: [daemon, { ok: true, what }], way: 'executed' };
  }
  if (activator !== undefined && activator !== upstart) {
    const what = `somebody else (process ${await pidOf(bus, ACTIVATOR)}) has the name ${ACTIVATOR}: service files without SystemdService are executed`;
    return { findings: [daemon, { ok: true, what }], way: 'others' };
  }
  const what = `Upstart is asked to activate names (it has ${ACTIVATOR})`;
  const todo =
    'Is the daemon started with --no-dbus-activation, or does the policy of the bus keep it from owning that name?';
  return { findings: [daemon, found(activator !== undefined, what, todo)], way: 'asked' };
};

/** What a service file has to say, by who reads it. */
const RIGHT = {
  asked: {
    words: 'has Exec and SystemdService',
    isRight: ({ exec, unit }) => exec !== undefined && unit !== undefined,
  },
  executed: { words: 'executes initctl dbus-activation start', isRight: ({ exec = '' }) => STARTS.test(exec) },
  others: {
    words: 'executes initctl dbus-activation start, and names no unit',
    isRight: ({ exec = '', unit }) => STARTS.test(exec) && unit === undefined,
  },
} as const satisfies Record<Way, { words: string; isRight: (file: ServiceFile) => boolean }>;

const STARTS = / dbus-activation .*start /;

const fileFinding = (name: string, file: ServiceFile | undefined, way: Way): Finding => {
  const install = `initctl dbus-activation install ${way === 'others' ? '--fallback ' : ''}${name}`;
  if (file === undefined) return { ok: false, what: `a service file of ${name}`, todo: install };
  const { words, isRight } = RIGHT[way];
  return found(isRight(file), `the service file ${file.path} ${words}`, `Have it replaced: ${install}`);
};

const policyTexts = (): readonly string[] =>
  POLICY_FOLDERS.flatMap((folder) => {
    try {
      return readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
    } catch {
      return [];
    }
  });

const policyFinding = (name: string): Finding => {
  const own = [`own="${name}"`, `own_prefix="${name.split('.').slice(0, -1).join('.')}"`];
  const allowed = policyTexts().some((text) => own.some((words) => text.includes(words)));
  const todo = `A file in ${POLICY_FOLDERS[0]} has to allow it: <allow own="${name}"/>, and <allow send_destination="${name}"/> for callers`;
  return found(allowed, `a policy of the bus lets somebody own ${name}`, todo);
};

const jobFinding = async (kind: BusKind, bus: BusClient, name: string): Promise<Finding[]> => {
  if ((await ownerOf(bus, BUS_NAME)) === undefined) return [];
  const upstart = await connect({ bus: kind });
  try {
    const jobs = jobsThatBring(name, await upstart.definitions());
    const who = jobs.map(({ properties }) => properties.name).join(', ');
    const what = jobs.length === 0 ? 'a job brings it' : `a job brings it: ${who}`;
    return [found(jobs.length > 0, what, `A job has to say: start on dbus-activation ${name}`)];
  } finally {
    upstart.close();
  }
};

const nameFindings = async (bus: BusClient, { kind, name, folders }: CheckOptions, way: Way): Promise<Finding[]> => {
  if (name === undefined) return [];
  const [names] = await bus.ask('ListActivatableNames');
  const isKnown = Array.isArray(names) && names.includes(name);
  const known = found(isKnown, `the bus can activate ${name}`, 'Its service file is not where the bus looks');
  return [
    fileFinding(
      name,
      readServiceFiles(folders).find((file) => file.name === name),
      way,
    ),
    known,
    ...(await jobFinding(kind, bus, name)),
    ...(kind === 'system' ? [policyFinding(name)] : []),
  ];
};

/** See what of the bus, the daemon and a name is as activation needs it. */
export const checkActivation = async (options: CheckOptions): Promise<readonly Finding[]> => {
  const { bus, kind } = options;
  if (bus === undefined) return [{ ok: false, what: `there is a ${kind} bus`, todo: 'Start dbus-daemon' }];
  const { findings, way } = await wayOf(bus, kind);
  return [...findings, ...(await nameFindings(bus, options, way))];
};
