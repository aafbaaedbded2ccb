/** An ordered list of `KEY=VALUE` entries. Never changed in place, so that it can be shared. */
export type Environment = readonly string[];

/** The name of an entry: what stands before the first `=`. */
export const nameOf = (entry: string): string => {
  const equals = entry.indexOf('=');
  return equals < 0 ? entry : entry.slice(0, equals);
};

/** The value of an entry; `''` where it has no `=`. */
export const valuePart = (entry: string): string => {
  const equals = entry.indexOf('=');
  return equals < 0 ? '' : entry.slice(equals + 1);
};

/** What a caller may give as a variable: only the `=` is asked for, as the original does (`=x` passes). @see spec: dbus-api.md 4 */
export const isAssignment = (entry: string): boolean => entry.includes('=');

const indexOf = (env: Environment, name: string): number => {
  const prefix = `${name}=`;
  return env.findIndex((entry) => entry.startsWith(prefix));
};

/** The first variable of that name. */
export const valueIn = (env: Environment, name: string): string | undefined => {
  const prefix = `${name}=`;
  const entry = env.find((candidate) => candidate.startsWith(prefix));
  return entry?.slice(prefix.length);
};

export const has = (env: Environment, name: string): boolean => indexOf(env, name) >= 0;

/** Lay entries over an environment, in order: one that is there is replaced in its place, a new one is appended. */
export const merge = (env: Environment, entries: Environment): Environment => {
  if (entries.length === 0) return env;
  const merged = [...env];
  const places = new Map<string, number>();
  for (const [index, entry] of env.entries()) {
    const name = nameOf(entry);
    if (!places.has(name)) places.set(name, index);
  }
  for (const entry of entries) {
    const name = nameOf(entry);
    const place = places.get(name);
    if (place === undefined) places.set(name, merged.push(entry) - 1);
    else merged[place] = entry;
  }
  return merged;
};

export const without = (env: Environment, name: string): Environment =>
  has(env, name) ? env.filter((entry) => nameOf(entry) !== name) : env;

/**
 * Lay a class's `env` over the environment table. A bare `KEY` takes the init daemon's own value; where it has none, an
 * entry of that name is taken away.
 * @see spec: engine.md 4.2
 */
export const withClassEnvironment = (table: Environment, classEnv: readonly string[], initEnv: Environment) => {
  let env = table;
  // Laid over together: one at a time, a class of many variables would take minutes.
  let gathered: string[] = [];
  for (const entry of classEnv) {
    const value = entry.includes('=') ? undefined : valueIn(initEnv, entry);
    if (entry.includes('=')) gathered.push(entry);
    else if (value !== undefined) gathered.push(`${entry}=${value}`);
    else {
      env = without(merge(env, gathered), entry);
      gathered = [];
    }
  }
  return merge(env, gathered);
};

/**
 * The original's way to remove a variable: it compares as many characters as the *existing* name has, and passes over the
 * entry behind a removed one. So `BAR` goes with `BARXY`.
 * @see spec: engine.md 4.1, Q7
 */
export const withoutPrefixes = (env: Environment, name: string): Environment => {
  const kept: string[] = [];
  for (let at = 0; at < env.length; at += 1) {
    const entry = env[at] ?? '';
    if (!name.startsWith(nameOf(entry))) kept.push(entry);
    else {
      at += 1;
      const passed = env[at];
      if (passed !== undefined) kept.push(passed);
    }
  }
  return kept;
};
