/** Which stanzas a job's settings came from, and from which of its files. */

import type { JobConf, ProcessRole } from './job-conf.js';
import { STANZA_ROWS, type StanzaName } from './stanzas.js';

/** One stanza that counts for a job. `oom score` also stands for `oom`, whose value is converted. */
export interface StanzaOrigin {
  readonly stanza: StanzaName;
  /** What it is about, where each key counts by itself: the resource of a limit, the variable, the controller. */
  readonly key?: string;
  readonly from: 'conf' | 'override';
}

/** A stanza that a setting must have come from. Two with the same `slot` cannot both count. */
interface SettingStanza {
  readonly slot: string;
  readonly stanza: StanzaName;
  readonly key?: string;
}

type Key = keyof JobConf;

const BY_SETTING: ReadonlyMap<Key, StanzaName> = new Map(STANZA_ROWS.map(({ setting, name }) => [setting, name]));

const keyed = (slot: Key, stanza: StanzaName, keys: Iterable<string>): readonly SettingStanza[] =>
  Array.from(new Set(keys), (key) => ({ slot: `${slot}.${key}`, stanza, key }));

const processes = (all: NonNullable<JobConf['processes']>): readonly SettingStanza[] =>
  // The keys of the record are roles, which Object.entries widens to string.
  (Object.entries(all) as [ProcessRole, { readonly script: boolean }][]).map(([role, { script }]) => {
    const form = script ? 'script' : 'exec';
    const slot = `processes.${role}`;
    if (role === 'security') return { slot, stanza: 'apparmor load' };
    return { slot, stanza: role === 'main' ? form : `${role} ${form}` };
  });

/** The variable of an entry of `env`. */
export const envKey = (entry: string): string => entry.split('=', 1)[0] ?? '';

const stanzasOfSetting = (conf: JobConf, key: Key): readonly SettingStanza[] => {
  const one = (stanza: StanzaName): readonly SettingStanza[] => [{ slot: key, stanza }];
  switch (key) {
    case 'processes':
      return processes(conf.processes ?? {});
    case 'limits':
      return keyed(key, 'limit', Object.keys(conf.limits ?? {}));
    case 'env':
      return keyed(key, 'env', (conf.env ?? []).map(envKey));
    case 'cgroups':
      return keyed(
        key,
        'cgroup',
        (conf.cgroups ?? []).map(({ controller }) => controller),
      );
    case 'startOn':
      return one(conf.startOn === null ? 'manual' : 'start on');
    case 'whileIsGuard':
      return conf.startOn === null ? [] : one('manual');
    case 'expect':
      return one(conf.expect === 'fd' ? 'expect fd' : 'expect');
    case 'expectFd':
      return [];
    case 'oomScore':
      return one('oom score');
    default: {
      const stanza = BY_SETTING.get(key);
      return stanza === undefined ? [] : one(stanza);
    }
  }
};

const stanzasOf = (conf: JobConf): readonly SettingStanza[] =>
  // The keys of a JobConf are its settings, which Object.keys widens to string.
  (Object.keys(conf) as Key[]).filter((key) => conf[key] !== undefined).flatMap((key) => stanzasOfSetting(conf, key));

/**
 * Where every stanza that counts came from.
 * @param merged what came of laying `override` over `conf`
 * @param joined the settings to which both files contribute
 */
export const originsOf = (
  merged: JobConf,
  conf: JobConf,
  override: JobConf,
  joined: ReadonlySet<string>,
): readonly StanzaOrigin[] => {
  const above = new Set(stanzasOf(override).map(({ slot }) => slot));
  const below = new Set(stanzasOf(conf).map(({ slot }) => slot));
  return stanzasOf(merged).flatMap(({ slot, ...stanza }): StanzaOrigin[] => {
    if (!above.has(slot)) return [{ ...stanza, from: 'conf' }];
    const both = below.has(slot) && joined.has(slot.split('.', 1)[0] ?? '');
    return [...(both ? [{ ...stanza, from: 'conf' } as const] : []), { ...stanza, from: 'override' }];
  });
};
