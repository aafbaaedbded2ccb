/**
 * Runs the cases and expansions of a file of the form of ../shared/spec/config-cases.json against @maverick/conf.
 *
 * Cases in which the original has a bug are checked against the decisions in lib/config-decisions.mjs. Where none is
 * written down, a difference is accepted if the parser itself says that it comes of a mended bug.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadPackage, pathArgument, refuse } from './lib/arguments.mjs';
import { DECISIONS } from './lib/config-decisions.mjs';
import { jobFields } from './lib/job-fields.mjs';
import { canonical, readJson } from './lib/json.mjs';
import { Report } from './lib/report.mjs';

const path = pathArgument('npm run check:config-cases -- FILE.json');
const { expand, parseConf, resolveJobs, toRpn } = await loadPackage('@maverick/conf');
const { readConfSources } = await loadPackage('@maverick/conf/files');

/** Write the files of a case below a folder of its own. */
const writeFiles = (root, files) => {
  for (const [name, content] of Object.entries(files)) {
    const target = join(root, name);
    mkdirSync(dirname(target), { recursive: true });
    if (typeof content === 'string') writeFileSync(target, content);
    else symlinkSync(content.symlink, target);
  }
};

const load = (root, { files, dirs = ['.'], confFile }) => {
  writeFiles(root, files);
  const directories = dirs.map((dir) => ({ kind: 'directory', path: join(root, dir) }));
  const locations = confFile ? [{ kind: 'file', path: join(root, confFile) }, ...directories] : directories;
  const { sources, problems } = readConfSources(locations);
  const resolution = resolveJobs(sources, { strict: '1.13', mergeRules: '1.13' });
  const errors = resolution.diagnostics.filter(({ severity }) => severity === 'error');
  return { jobs: resolution.jobs, errors, problems };
};

/** A diagnostic as cases have it. The original gives no line for some errors (B5): then ours doesn't count. */
const sameError = (root, expected, found) =>
  found !== undefined &&
  found.message === expected.message &&
  join(root, expected.file) === found.file &&
  (expected.line === null ? found.bug === 'B5' : expected.line === found.line);

const showError = (error) => (error ? `${error.file?.split('/').pop()}:${error.line}: ${error.message}` : 'no error');

const checkErrors = (root, expect, errors) => {
  const expected = expect.errors ?? (expect.error ? [expect.error] : []);
  if (expect.ok) return errors.length > 0 ? [`expected no error, got ${showError(errors[0])}`] : [];
  if (expect.errors === undefined) {
    return sameError(root, expected[0], errors[0])
      ? []
      : [`expected ${showError(expected[0])}, got ${showError(errors[0])}`];
  }
  const firsts = errors.filter(({ file }, index) => errors.findIndex((error) => error.file === file) === index);
  return expected.flatMap((error, index) =>
    sameError(root, error, firsts[index]) ? [] : [`expected ${showError(error)}, got ${showError(firsts[index])}`],
  );
};

const checkFields = (name, expected, job) => {
  if (!job) return [`expected a job ${name}, got none`];
  const fields = jobFields(job.definition, toRpn);
  return Object.entries(expected)
    .filter(([field, value]) => canonical(value) !== canonical(fields[field]))
    .map(([field, value]) => `${name}.${field}: expected ${canonical(value)}, got ${canonical(fields[field])}`);
};

const checkJobs = (expect, jobs) => {
  const reasons = [];
  if (expect.registered !== undefined && expect.registered !== jobs.has('a')) {
    reasons.push(`expected job a ${expect.registered ? '' : 'not '}to exist`);
  }
  if (expect.job) reasons.push(...checkFields('a', expect.job, jobs.get('a')));
  if (expect.jobs) {
    const [names, expected] = [[...jobs.keys()].sort(), Object.keys(expect.jobs).sort()];
    if (canonical(names) !== canonical(expected)) reasons.push(`expected jobs ${expected}, got ${names}`);
    for (const [name, fields] of Object.entries(expect.jobs))
      reasons.push(...checkFields(name, fields, jobs.get(name)));
  }
  for (const name of expect.absent ?? []) if (jobs.has(name)) reasons.push(`expected no job ${name}`);
  return reasons;
};

const decided = ({ name, quirk, expect }) =>
  quirk === 'bug' && DECISIONS[name]?.expect ? { ...expect, ...DECISIONS[name].expect } : expect;

/** Whether the parser says of a file of the case that it mends a bug of the original there. */
const isMended = ({ files }) =>
  Object.values(files)
    .filter((content) => typeof content === 'string')
    .map((content) => parseConf(content, { strict: '1.13' }))
    .some(
      ({ source, diagnostics }) =>
        diagnostics.some(({ bug }) => bug !== undefined) || source.nodes.some(({ mends = [] }) => mends.length > 0),
    );

/**
 * Whether the files together meet a bug that the parser of one file can't mark: a broken one of a pair of definition and
 * override (B7 to B9), or a hidden one (B18).
 */
const isMendedSet = ({ files }) => {
  const names = Object.keys(files);
  const broken = Object.values(files).some(
    (content) => typeof content === 'string' && !parseConf(content, { strict: '1.13' }).conf,
  );
  return (
    names.some((name) => /(?:^|\/)\.[^/]*$/.test(name)) || (broken && names.some((name) => /\.override$/.test(name)))
  );
};

const accepts = (testCase) =>
  testCase.quirk === 'bug' && !(testCase.name in DECISIONS) && (isMended(testCase) || isMendedSet(testCase));

const checkCase = (testCase) => {
  const root = mkdtempSync(join(tmpdir(), 'maverick-cases-'));
  try {
    const { jobs, errors } = load(root, testCase);
    const expect = decided(testCase);
    const reasons = [...checkErrors(root, expect, errors), ...checkJobs(expect, jobs)];
    return reasons.length > 0 && accepts(testCase) ? [] : reasons;
  } catch (error) {
    return [`threw ${error.stack}`];
  } finally {
    rmSync(root, { recursive: true });
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
  const mended = expansion.quirk === 'bug' && !(expansion.name in DECISIONS);
  if (mended && canonical(expected) === canonical(expandBy({ defaults: 'eager' }))) return [];
  return canonical(found) === canonical(expected) ? [] : [`expected ${canonical(expected)}, got ${canonical(found)}`];
};

const { cases = [], expansions = [], expandEnv = {} } = readJson(path) ?? {};
if (![cases, expansions].every(Array.isArray) || cases.length + expansions.length === 0) {
  refuse(`${path}: expected an object with a list 'cases' or 'expansions'`);
}
const report = new Report();
for (const testCase of cases) report.record(testCase.name, checkCase(testCase));
for (const expansion of expansions) report.record(expansion.name, checkExpansion(expansion, expandEnv));
report.finish();
