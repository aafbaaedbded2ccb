import { ScenarioPlayer } from './scenario-player.mjs';

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

const sorted = (object) => Object.fromEntries(Object.entries(object).sort());

/** The first place where two lists differ, in words; undefined where they are the same. */
const firstDifference = (expected, actual) => {
  const at = expected.findIndex((line, index) => line !== actual[index]);
  if (at >= 0) return `expected '${expected[at]}', got '${actual[at] ?? 'nothing more'}'`;
  return actual.length > expected.length ? `expected nothing more, got '${actual[expected.length]}'` : undefined;
};

const compareEnvironments = (checks, spawned) =>
  checks.flatMap(({ process, nth, has = {}, lacks = [] }) => {
    const where = `environment of ${process} ${nth}`;
    const entries = spawned.get(process)?.[nth];
    if (!entries) return [{ where, what: 'was never started' }];
    const env = Object.fromEntries(
      entries.map((entry) => [entry.split('=', 1)[0], entry.slice(entry.indexOf('=') + 1)]),
    );
    const missing = Object.entries(has).filter(([key, value]) => (value === '*' ? !(key in env) : env[key] !== value));
    return [
      ...missing.map(([key, value]) => ({ where, what: `expected ${key}=${value}, got ${key}=${env[key]}` })),
      ...lacks.filter((key) => key in env).map((key) => ({ where, what: `expected no ${key}, got ${env[key]}` })),
    ];
  });

/**
 * Play a scenario and compare everything that it expects.
 * @returns {{ where: string, what: string, expected?: string[], actual?: string[] }[]} differences; empty if there is none
 */
export const checkScenario = (scenario, semantics) => {
  const player = new ScenarioPlayer(semantics, scenario.sessions);
  const differences = [];
  const compare = (where, expected, actual) => {
    const what = firstDifference(expected, actual);
    if (what !== undefined) differences.push({ where, what, expected, actual });
  };
  try {
    compare('load', scenario.load ?? [], player.load(scenario.files));
    for (const [index, step] of scenario.steps.entries()) {
      compare(`step ${index + 1} ${JSON.stringify(step)}`, scenario.expect[index] ?? [], player.step(step));
    }
  } catch (error) {
    differences.push({
      where: 'playing',
      what: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return differences;
  }
  const final = player.instances();
  if (!same(sorted(final), sorted(scenario.final))) {
    differences.push({
      where: 'final',
      what: `expected ${JSON.stringify(scenario.final)}, got ${JSON.stringify(final)}`,
    });
  }
  return [...differences, ...compareEnvironments(scenario.env ?? [], player.spawned)];
};
