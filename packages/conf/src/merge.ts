/**
 * Laying an override over a job's configuration.
 *
 * @see init(5), "Override File Handling"; specification of the language, section 5.5
 */

import type { CgroupController, JobConf } from './job-conf.js';
import { mergeCgroups } from './merge-cgroups.js';
import { envKey, originsOf, type StanzaOrigin } from './origins.js';

/**
 * `maverick` (the default): a list in the override replaces the list whole, `env` goes by key. `1.13`: lists are
 * appended to, as if the text of the override followed that of the file.
 */
export type MergeRules = 'maverick' | '1.13';

export interface MergeOptions {
  readonly mergeRules?: MergeRules;
}

export interface MergedConf {
  readonly conf: JobConf;
  /** The settings that the override gave or took away, in the order of {@link JobConf}; per key as `limits.nofile`. */
  readonly overridden: readonly string[];
  /** Every stanza that counts, with the file that it came from. */
  readonly origins: readonly StanzaOrigin[];
}

type Key = keyof JobConf;
type Merge<K extends Key> = (
  base: NonNullable<JobConf[K]>,
  over: NonNullable<JobConf[K]>,
  rules: MergeRules,
) => NonNullable<JobConf[K]>;
/** What a setting of the override does to the same setting below it. */
type Rule<K extends Key> = 'replace' | Merge<K>;

const list = <Item>(base: readonly Item[], over: readonly Item[], rules: MergeRules): readonly Item[] =>
  rules === '1.13' ? [...base, ...over] : over;

const byKey = <Value extends object>(base: Value, over: Value): Value => ({ ...base, ...over });

const env = (base: readonly string[], over: readonly string[], rules: MergeRules): readonly string[] => {
  if (rules === '1.13') return [...base, ...over];
  const keys = new Set(over.map(envKey));
  return [...base.filter((entry) => !keys.has(envKey(entry))), ...over];
};

const cgroups = (base: readonly CgroupController[], over: readonly CgroupController[]): readonly CgroupController[] =>
  mergeCgroups(base, over);

const RULES = {
  description: 'replace',
  author: 'replace',
  version: 'replace',
  usage: 'replace',
  instance: 'replace',
  env,
  export: list,
  import: list,
  emits: list,
  startOn: 'replace',
  stopOn: 'replace',
  while: 'replace',
  whileIsGuard: 'replace',
  processes: byKey,
  tmpfiles: list,
  task: 'replace',
  respawn: 'replace',
  respawnLimit: 'replace',
  respawnBackoff: 'replace',
  expect: 'replace',
  expectFd: 'replace',
  killTimeoutSeconds: 'replace',
  killSignal: 'replace',
  reloadSignal: 'replace',
  normalExit: list,
  startTimeoutSeconds: 'replace',
  eventTimeoutSeconds: 'replace',
  watchdogSeconds: 'replace',
  console: 'replace',
  logTransport: 'replace',
  logRotate: 'replace',
  logFormat: 'replace',
  umask: 'replace',
  nice: 'replace',
  oomScore: 'replace',
  limits: byKey,
  chroot: 'replace',
  chdir: 'replace',
  setuid: 'replace',
  setgid: 'replace',
  debug: 'replace',
  apparmorSwitch: 'replace',
  cgroups,
} as const satisfies { readonly [K in Key]-?: Rule<K> };

/** Settings that another one brings along: a new one without it leaves it out. */
const COMPANIONS = { expect: 'expectFd', while: 'whileIsGuard' } as const satisfies { readonly [K in Key]?: Key };

/** Settings whose keys merge one by one. */
const KEYED: ReadonlySet<Key> = new Set<Key>(['processes', 'limits']);

/** Settings to which the file and the override both contribute, whatever the rules, or by those of 1.13. */
const JOINED = {
  maverick: new Set<string>(['cgroups']),
  '1.13': new Set<string>((Object.keys(RULES) as Key[]).filter((key) => RULES[key] === list || RULES[key] === env)).add(
    'cgroups',
  ),
} as const satisfies Record<MergeRules, ReadonlySet<string>>;

const overriddenBy = (over: JobConf): readonly string[] =>
  // The keys of a JobConf are its settings, which Object.keys widens to string.
  (Object.keys(RULES) as Key[])
    .filter((key) => over[key] !== undefined)
    .flatMap((key) => (KEYED.has(key) ? Object.keys(over[key] ?? {}).map((name) => `${key}.${name}`) : [key]));

const mergeSetting = <K extends Key>(key: K, base: JobConf, over: JobConf, rules: MergeRules): JobConf[K] => {
  const rule: Rule<K> = RULES[key] as Rule<K>;
  const below = base[key];
  const above = over[key];
  if (above === undefined) return below;
  if (rule === 'replace' || below === undefined || below === null || above === null) return above;
  return rule(below, above, rules);
};

/**
 * Lay what an override says over what the job's file says. A flag can't be cleared; `manual` forgets `start on`.
 * Give only an override that parsed without errors: a broken one is ignored whole.
 */
export const mergeConf = (conf: JobConf, override: JobConf, options: MergeOptions = {}): MergedConf => {
  const rules = options.mergeRules ?? 'maverick';
  const merged: { -readonly [K in Key]?: JobConf[K] } = {};
  for (const key of Object.keys(RULES) as Key[]) {
    const value = mergeSetting(key, conf, override, rules);
    if (value !== undefined) Object.assign(merged, { [key]: value });
  }
  for (const [key, companion] of Object.entries(COMPANIONS) as [Key, Key][]) {
    if (override[key] !== undefined && override[companion] === undefined) delete merged[companion];
  }
  const origins = originsOf(merged, conf, override, JOINED[rules]);
  return { conf: merged, overridden: overriddenBy(override), origins };
};
