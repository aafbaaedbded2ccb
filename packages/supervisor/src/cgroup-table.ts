/**
 * The settings of the `cgroup` stanza as cgroup v2 has them. Job files name controllers and keys as v1 did; v2's own names are
 * taken as well, values and all.
 *
 * @see cgroups(7); the kernel's cgroup-v2.rst
 */

/** What goes into a file of a cgroup. */
export interface CgroupWrite {
  readonly file: string;
  readonly text: string;
}

/** All settings that a stanza gives one controller of one group, by key without the controller's name. */
type CgroupSettings = ReadonlyMap<string, string>;

export class CgroupError extends Error {
  static {
    Object.defineProperty(CgroupError.prototype, 'name', { value: 'CgroupError' });
  }
  readonly code: 'unknown-controller' | 'unknown-key' | 'no-equivalent' | 'bad-value' | 'two-groups' | 'no-controller';

  constructor(code: CgroupError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

type Convert = (value: string, settings: CgroupSettings, key: string) => CgroupWrite;

interface ControllerRow {
  /** What has to be switched on for it; absent where v2 has no such controller, or always has it on. */
  readonly controller?: string;
  /** Settings of v1. */
  readonly keys: Readonly<Record<string, Convert>>;
  /** Settings of v1 that v2 has nothing for. */
  readonly gone?: readonly string[];
  /** Files of v2 by the stanza's key; they take the value as it is. */
  readonly own: readonly string[];
}

const bad = (key: string, value: string, expected: string): CgroupError =>
  new CgroupError('bad-value', `cgroup setting ${key}: '${value}' is no value of it, expected ${expected}`);

const SUFFIXES = { k: 10n, m: 20n, g: 30n, t: 40n } as const;

const isSuffix = (letter: string): letter is keyof typeof SUFFIXES => Object.hasOwn(SUFFIXES, letter);

/** A number of bytes, with k, M, G or T; -1 is no limit. @see memparse() of the kernel */
const bytes = (key: string, value: string): bigint | 'max' => {
  const [, digits, letter = ''] = /^(-1|\d+)([kmgtKMGT]?)$/.exec(value) ?? [];
  if (digits === undefined) throw bad(key, value, 'a number of bytes, or -1');
  if (digits === '-1') return 'max';
  const suffix = letter.toLowerCase();
  return BigInt(digits) << (isSuffix(suffix) ? SUFFIXES[suffix] : 0n);
};

const integer = (key: string, value: string, least: number, most: number): number => {
  const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= least && number <= most)) throw bad(key, value, `${least} to ${most}`);
  return number;
};

/** Map a range onto another, both ends onto each other. */
const scale = (value: number, [from, to]: readonly [number, number], [low, high]: readonly [number, number]): number =>
  low + Math.floor(((value - from) * (high - low)) / (to - from));

const WEIGHTS = [1, 10_000] as const;
const SHARES = [2, 262_144] as const;
const IO_WEIGHTS = [10, 1000] as const;

const same =
  (file: string): Convert =>
  (text) => ({ file, text });

const limit =
  (file: string): Convert =>
  (value, _settings, key) => ({ file, text: String(bytes(key, value)) });

const PERIOD_US = '100000';

const cpuMax: Convert = (_value, settings) => {
  const quota = settings.get('cfs_quota_us') ?? '-1';
  const period = settings.get('cfs_period_us') ?? PERIOD_US;
  const [quotaUs, periodUs] = [
    integer('cfs_quota_us', quota, -1, Number.MAX_SAFE_INTEGER),
    integer('cfs_period_us', period, 1000, 1_000_000),
  ];
  return { file: 'cpu.max', text: `${quotaUs < 0 ? 'max' : quotaUs} ${periodUs}` };
};

/** v1 limits memory and swap together, v2 swap alone. */
const swapMax: Convert = (value, settings, key) => {
  const both = bytes(key, value);
  const memory = bytes('limit_in_bytes', settings.get('limit_in_bytes') ?? '-1');
  if (both === 'max') return { file: 'memory.swap.max', text: 'max' };
  if (memory === 'max' || memory > both) throw bad(key, value, 'at least as much as limit_in_bytes, which it needs');
  return { file: 'memory.swap.max', text: String(both - memory) };
};

const ioWeight: Convert = (value, _settings, key) => {
  const weight = integer(key, value, ...IO_WEIGHTS);
  return { file: 'io.weight', text: `default ${scale(weight, IO_WEIGHTS, WEIGHTS)}` };
};

/** `MAJOR:MINOR VALUE`. */
const ofDevice = (key: string, value: string): readonly [device: string, rest: string] => {
  const [, device, rest] = /^(\d+:\d+)\s+(\S+)$/.exec(value) ?? [];
  if (device === undefined || rest === undefined) throw bad(key, value, 'MAJOR:MINOR VALUE');
  return [device, rest];
};

const ioMax =
  (name: string): Convert =>
  (value, _settings, key) => {
    const [device, rest] = ofDevice(key, value);
    const rate = integer(key, rest, 0, Number.MAX_SAFE_INTEGER);
    return { file: 'io.max', text: `${device} ${name}=${rate === 0 ? 'max' : rate}` };
  };

const deviceWeight: Convert = (value, _settings, key) => {
  const [device, rest] = ofDevice(key, value);
  const weight = integer(key, rest, ...IO_WEIGHTS);
  return { file: 'io.weight', text: `${device} ${scale(weight, IO_WEIGHTS, WEIGHTS)}` };
};

const FREEZER_STATES: ReadonlyMap<string, string> = new Map([
  ['FROZEN', '1'],
  ['THAWED', '0'],
]);

const freeze: Convert = (value, _settings, key) => {
  const text = FREEZER_STATES.get(value);
  if (text === undefined) throw bad(key, value, 'FROZEN or THAWED');
  return { file: 'cgroup.freeze', text };
};

const BLOCK_IO: ControllerRow = {
  controller: 'io',
  keys: {
    weight: ioWeight,
    'bfq.weight': ioWeight,
    weight_device: deviceWeight,
    'throttle.read_bps_device': ioMax('rbps'),
    'throttle.write_bps_device': ioMax('wbps'),
    'throttle.read_iops_device': ioMax('riops'),
    'throttle.write_iops_device': ioMax('wiops'),
  },
  gone: ['leaf_weight', 'leaf_weight_device', 'reset_stats'],
  own: ['max', 'latency'],
};

const CONTROLLERS: Readonly<Record<string, ControllerRow>> = {
  cpu: {
    controller: 'cpu',
    keys: {
      shares: (value, _settings, key) => ({
        file: 'cpu.weight',
        text: String(scale(integer(key, value, ...SHARES), SHARES, WEIGHTS)),
      }),
      cfs_quota_us: cpuMax,
      cfs_period_us: cpuMax,
    },
    gone: ['rt_runtime_us', 'rt_period_us'],
    own: ['weight', 'weight.nice', 'max', 'max.burst', 'idle', 'uclamp.min', 'uclamp.max'],
  },
  cpuacct: { controller: 'cpu', keys: {}, gone: ['usage'], own: [] },
  cpuset: {
    controller: 'cpuset',
    keys: { cpus: same('cpuset.cpus'), mems: same('cpuset.mems') },
    gone: [
      'cpu_exclusive',
      'mem_exclusive',
      'mem_hardwall',
      'memory_migrate',
      'memory_spread_page',
      'memory_spread_slab',
      'sched_load_balance',
      'sched_relax_domain_level',
    ],
    own: ['cpus.exclusive', 'cpus.partition'],
  },
  memory: {
    controller: 'memory',
    keys: {
      limit_in_bytes: limit('memory.max'),
      soft_limit_in_bytes: limit('memory.low'),
      'memsw.limit_in_bytes': swapMax,
    },
    gone: [
      'swappiness',
      'oom_control',
      'use_hierarchy',
      'move_charge_at_immigrate',
      'kmem.limit_in_bytes',
      'kmem.tcp.limit_in_bytes',
      'force_empty',
    ],
    own: ['min', 'low', 'high', 'max', 'oom.group', 'swap.high', 'swap.max', 'zswap.max', 'zswap.writeback'],
  },
  blkio: BLOCK_IO,
  io: BLOCK_IO,
  pids: { controller: 'pids', keys: {}, own: ['max'] },
  hugetlb: { controller: 'hugetlb', keys: {}, own: [] },
  rdma: { controller: 'rdma', keys: {}, own: ['max'] },
  misc: { controller: 'misc', keys: {}, own: ['max'] },
  freezer: { keys: { state: freeze }, own: [] },
  devices: { keys: {}, gone: ['allow', 'deny'], own: [] },
  net_cls: { keys: {}, gone: ['classid'], own: [] },
  net_prio: { keys: {}, gone: ['ifpriomap'], own: [] },
  perf_event: { keys: {}, own: [] },
  cgroup: { keys: {}, own: ['freeze', 'max.depth', 'max.descendants'] },
  systemd: { keys: {}, own: [] },
};

const HUGE_PAGES = /^(\d+[KMG]B)\.(?:limit_in_bytes|max)$/;

const rowOf = (controller: string): ControllerRow => {
  const row = Object.hasOwn(CONTROLLERS, controller) ? CONTROLLERS[controller] : undefined;
  if (row !== undefined) return row;
  const known = Object.keys(CONTROLLERS).join(', ');
  throw new CgroupError('unknown-controller', `unknown cgroup controller '${controller}', expected one of ${known}`);
};

/** The v2 controller behind a name; undefined where there is nothing to switch on. */
export const controllerOf = (controller: string): string | undefined => rowOf(controller).controller;

const convert = (controller: string, row: ControllerRow, key: string, settings: CgroupSettings): CgroupWrite => {
  const value = settings.get(key) ?? '';
  const rule = Object.hasOwn(row.keys, key) ? row.keys[key] : undefined;
  if (rule !== undefined) return rule(value, settings, key);
  if (row.own.includes(key)) return { file: `${row.controller ?? controller}.${key}`, text: value };
  const size = controller === 'hugetlb' ? HUGE_PAGES.exec(key)?.[1] : undefined;
  if (size !== undefined) return { file: `hugetlb.${size}.max`, text: String(bytes(key, value)) };
  if (row.gone?.includes(key)) {
    throw new CgroupError('no-equivalent', `cgroup v2 has nothing for the setting ${key} of ${controller}`);
  }
  const known = [...Object.keys(row.keys), ...row.own].join(', ') || 'none';
  throw new CgroupError(
    'unknown-key',
    `unknown setting ${key} of the cgroup controller ${controller}, known: ${known}`,
  );
};

const withoutPrefix = (controller: string, key: string): string =>
  key.startsWith(`${controller}.`) ? key.slice(controller.length + 1) : key;

/**
 * What to write for one controller's settings, each file once but for those that take a line a device.
 * @throws CgroupError naming what v2 doesn't know
 */
export const convertSettings = (
  controller: string,
  settings: readonly (readonly [key: string, value: string])[],
): CgroupWrite[] => {
  const row = rowOf(controller);
  const byKey = new Map(settings.map(([key, value]) => [withoutPrefix(controller, key), value]));
  const writes = [...byKey.keys()].map((key) => convert(controller, row, key, byKey));
  return writes.filter(
    ({ file, text }, index) => writes.findIndex((other) => other.file === file && other.text === text) === index,
  );
};
