/**
 * Runs the cases and expansions of a file of the form of ../shared/spec/config-cases.json against @maverick/conf.
 *
 * Cases in which the original has a bug are checked against the decisions in lib/config-decisions.mjs. Where none is
 * written down, a difference is accepted if the parser itself says that it comes of a mended bug, and only in the place
 * and the field that it marks; the run counts them by number.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { loadPackage, pathArgument, refuse } from './lib/arguments.mjs';
import { DECISIONS } from './lib/config-decisions.mjs';
import { jobFields } from './lib/job-fields.mjs';
import { canonical, readJson } from './lib/json.mjs';
import { bugOfVerdict, fieldExplainer, MendedBugs } from './lib/mended-bugs.mjs';
import { Report } from './lib/report.mjs';

const path = pathArgument('npm run check:config-cases -- FILE.json');
const { defineJob, expand, parseConf, resolveJobs, toRpn } = await loadPackage('@maverick/conf');
const { readConfSources } = await loadPackage('@maverick/conf/files');

const mended = new MendedBugs();

/** Write the files of a case below a folder of its own. */
const writeFiles = (root, files) => {
  for (const [name, content] of Object.entries(files)) {
    const target = join(root, name);
    mkdirSync(dirname(target), { recursive: true });
    if (typeof content === 'string') writeFileSync(target, content);
    else symlinkSync(content.symlink, target);
  }
};

/** Do something with a new folder that is gone afterwards. */
const inFolder = (use) => {
  const root = mkdtempSync(join(tmpdir(), 'maverick-cases-'));
  try {
    return use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
};

const load = (root, { files, dirs = ['.'], confFile }) => {
  writeFiles(root, files);
  const directories = dirs.map((dir) => ({ kind: 'directory', path: join(root, dir) }));
  const locations = confFile ? [{ kind: 'file', path: join(root, confFile) }, ...directories] : directories;
  const { sources, problems } = readConfSources(locations);
  const resolution = resolveJobs(sources, { strict: '1.13', mergeRules: '1.13' });
  const errors = resolution.diagnostics
    .filter(({ severity }) => severity === 'error')
    .map((error) => ({ ...error, file: relative(root, error.file) }));
  return { jobs: resolution.jobs, errors, problems };
};

/** A diagnostic as cases have it. The original gives no line for some errors (B5): then ours doesn't count. */
const sameError = (expected, found) =>
  found?.message === expected?.message &&
  found?.file === expected?.file &&
  (expected?.line === null ? found.bug === 'B5' : expected?.line === found?.line);

const showError = (error) => (error ? `${error.file?.split('/').pop()}:${error.line}: ${error.message}` : 'no error');

/** Errors as pairs of what is expected and found: the first of all, or of each file where the case lists them. */
const errorPairs = ({ ok, error, errors: expected }, errors) => {
  if (expected === undefined) return [[ok ? undefined : error, errors[0]]];
  const firsts = errors.filter(({ file }, index) => errors.findIndex((other) => other.file === file) === index);
  return Array.from({ length: ok ? Math.max(expected.length, firsts.length) : expected.length }, (_, index) => [
    expected[index],
    firsts[index],
  ]);
};

const errorDifferences = (expect, errors) =>
  errorPairs(expect, errors)
    .filter(([expected, found]) => !sameError(expected, found))
    .map(([expected, found]) => ({
      expected,
      found,
      text: `expected ${showError(expected)}, got ${showError(found)}`,
    }));

const fieldsOf = (definition) => jobFields(definition, toRpn);

const fieldDifferences = (job, expected, found) => {
  if (!found) return [{ job, text: `expected a job ${job}, got none` }];
  const fields = fieldsOf(found.definition);
  return Object.entries(expected)
    .filter(([field, value]) => canonical(value) !== canonical(fields[field]))
    .map(([field, value]) => ({
      job,
      field,
      text: `${job}.${field}: expected ${canonical(value)}, got ${canonical(fields[field])}`,
    }));
};

const jobDifferences = (expect, jobs) => {
  const expected = { ...expect.jobs, ...(expect.job ? { a: expect.job } : {}) };
  const absent = new Set(expect.absent);
  if (expect.registered === false) absent.add('a');
  else if (expect.registered) expected.a ??= {};
  if (expect.jobs) for (const name of jobs.keys()) if (!Object.hasOwn(expect.jobs, name)) absent.add(name);
  return [
    ...Object.entries(expected).flatMap(([job, fields]) => fieldDifferences(job, fields, jobs.get(job))),
    ...[...absent].filter((job) => jobs.has(job)).map((job) => ({ job, text: `expected no job ${job}` })),
  ];
};

const differencesOf = (expect, { errors, jobs }) => [
  ...errorDifferences(expect, errors),
  ...jobDifferences(expect, jobs),
];

const decided = ({ name, quirk, expect }) =>
  quirk === 'bug' && DECISIONS[name]?.expect ? { ...expect, ...DECISIONS[name].expect } : expect;

const bugOfField = fieldExplainer({ parseConf, defineJob }, fieldsOf);
const isHidden = (path) => /(?:^|\/)\.[^/]*$/.test(path);

/** The job of a file of a case: its path below its directory, without the ending. */
const jobOf = (path, dirs = ['.']) => {
  const dir = dirs.find((candidate) => path.startsWith(`${candidate}/`));
  return (dir === undefined ? path : path.slice(dir.length + 1)).replace(/\.(?:conf|override)$/, '');
};

/**
 * Explains the differences of one case by bugs that the parser marks in the files concerned, and by those of whole
 * files, which it can't mark: hidden ones (B18), broken ones of a pair of definition and override (B7, B9). For these the
 * job must be what comes of the other files alone.
 */
class Explainer {
  #files;
  #dirs;
  #jobs;
  #unbroken;

  constructor({ files, dirs }, { jobs }, loadUnbroken) {
    this.#dirs = dirs;
    this.#jobs = jobs;
    this.#files = Object.entries(files)
      .filter(([, content]) => typeof content === 'string')
      .map(([path, content]) => ({ path, job: jobOf(path, dirs), ...parseConf(content, { strict: '1.13' }) }));
    this.#unbroken = () => loadUnbroken(this.#files.filter(({ conf }) => !conf).map(({ path }) => path)).jobs;
  }

  /** The bug behind each difference, in their order; `undefined` where nothing explains one. */
  bugs(differences) {
    const verdicts = new Map();
    for (const difference of differences.filter(({ job }) => job === undefined)) {
      const { expected, found } = difference;
      const path = expected?.file ?? found?.file;
      const bug = this.#bugOfError(path, expected?.line);
      if (bug !== undefined) verdicts.set(jobOf(path, this.#dirs), bug);
      difference.bug = bug;
    }
    return differences.map(
      ({ job, field, bug }) =>
        bug ?? (job === undefined ? undefined : (verdicts.get(job) ?? this.#bugOfJob(job, field))),
    );
  }

  #bugOfError(path, line) {
    if (isHidden(path)) return 'B18';
    const file = this.#files.find((candidate) => candidate.path === path);
    return file && bugOfVerdict(file, line);
  }

  #bugOfJob(job, field) {
    if (isHidden(job)) return 'B18';
    const files = this.#files.filter((file) => file.job === job);
    const broken = files.filter(({ conf }) => !conf);
    const hasOverride = files.some(({ path }) => path.endsWith('.override'));
    if (broken.length > 0 && hasOverride && this.#isAsUnbroken(job)) {
      return broken.some(({ path }) => path.endsWith('.conf')) ? 'B9' : 'B7';
    }
    return field && files.map((file) => bugOfField(file, field)).find((bug) => bug !== undefined);
  }

  #isAsUnbroken(job) {
    const [found, unbroken] = [this.#jobs.get(job), this.#unbroken().get(job)];
    return canonical(found && fieldsOf(found.definition)) === canonical(unbroken && fieldsOf(unbroken.definition));
  }
}

/** What is wrong that no mended bug explains. Bugs that explain something are counted, once a case. */
const unexplained = (testCase, differences, loaded) => {
  const isOpen = testCase.quirk === 'bug' && !(testCase.name in DECISIONS);
  if (!isOpen || differences.length === 0) return differences.map(({ text }) => text);
  const loadUnbroken = (broken) =>
    inFolder((root) => {
      const files = Object.fromEntries(Object.entries(testCase.files).filter(([path]) => !broken.includes(path)));
      return load(root, { ...testCase, files });
    });
  const bugs = new Explainer(testCase, loaded, loadUnbroken).bugs(differences);
  const reasons = differences.filter((_, index) => bugs[index] === undefined).map(({ text }) => text);
  if (reasons.length === 0) for (const bug of new Set(bugs)) mended.count(bug);
  return reasons;
};

const checkCase = (testCase) => {
  try {
    const loaded = inFolder((root) => load(root, testCase));
    return unexplained(testCase, differencesOf(decided(testCase), loaded), loaded);
  } catch (error) {
    return [`threw ${error.stack}`];
  }
};

const checkExpansion = (expansion, expandEnv) => {
  const env = expansion.env === '@expandEnv' ? expandEnv : expansion.env;
  const expandBy = (options) => {
    const result = expand(expansion.template, (name) => (Object.hasOwn(env, name) ? env[name] : undefined), options);
    return result.ok ? { value: result.value } : { error: result.error.message };
  };
  const found = expandBy({});
  const expected = decided(expansion);
  // The original expands defaults that are not used (B14).
  const isOpen = expansion.quirk === 'bug' && !(expansion.name in DECISIONS);
  if (isOpen && canonical(expected) === canonical(expandBy({ defaults: 'eager' }))) {
    if (canonical(found) !== canonical(expected)) mended.count('B14');
    return [];
  }
  return canonical(found) === canonical(expected) ? [] : [`expected ${canonical(expected)}, got ${canonical(found)}`];
};

const { cases = [], expansions = [], expandEnv = {} } = readJson(path) ?? {};
if (![cases, expansions].every(Array.isArray) || cases.length + expansions.length === 0) {
  refuse(`${path}: expected an object with a list 'cases' or 'expansions'`);
}
const report = new Report();
for (const testCase of cases) report.record(testCase.name, checkCase(testCase));
for (const expansion of expansions) report.record(expansion.name, checkExpansion(expansion, expandEnv));
mended.print();
report.finish();
