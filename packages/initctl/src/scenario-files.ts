import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InitctlError } from './errors.js';
import { readScenarios, type ScenarioProblem } from './scenario.js';
import { runScenario, type ScenarioFailure } from './scenario-run.js';
import { jobsOfDirectories } from './simulation-source.js';

/** What came of the scenarios of one file. */
export interface TestedFile {
  readonly path: string;
  /** Lines that can not be read. */
  readonly problems: readonly ScenarioProblem[];
  readonly results: readonly ScenarioResult[];
  readonly ms: number;
}

export interface ScenarioResult {
  readonly name: string;
  readonly line: number;
  readonly failure: ScenarioFailure | undefined;
  readonly ms: number;
}

const SUFFIX = '.scenario';

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(SUFFIX))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();

/** A directory of jobs, and the scenario files beside them. */
export interface ScenarioPlace {
  readonly dir: string;
  readonly files: readonly string[];
}

/**
 * A directory with all scenario files below it, or one such file with the jobs of its directory.
 * @throws InitctlError `unreadable-file`, `no-scenarios`
 */
export const scenarioPlace = (path: string): ScenarioPlace => {
  try {
    if (!statSync(path).isDirectory()) return { dir: dirname(path), files: [path] };
    const files = filesBelow(path);
    if (files.length > 0) return { dir: path, files };
  } catch (error) {
    throw new InitctlError('unreadable-file', { path, reason: error instanceof Error ? error.message : String(error) });
  }
  throw new InitctlError('no-scenarios', { dir: path });
};

/** Since some moment. */
const watch = (): (() => number) => {
  const began = performance.now();
  return () => performance.now() - began;
};

/**
 * Play all scenarios of a place.
 * @param below configuration directories that are looked at after its own
 * @param tell is told of each job file that is not in order
 */
export const testPlace = (
  { dir, files }: ScenarioPlace,
  below: readonly string[],
  tell: (text: string) => void,
): TestedFile[] => {
  const jobs = jobsOfDirectories([dir, ...below], tell);
  return files.map((path) => {
    const fileTime = watch();
    const { scenarios, problems } = readScenarios(readFileSync(path, 'utf8'));
    const results = scenarios.map((scenario) => {
      const time = watch();
      const failure = runScenario(scenario, jobs);
      return { name: scenario.name, line: scenario.line, failure, ms: time() };
    });
    return { path, problems, results, ms: fileTime() };
  });
};
