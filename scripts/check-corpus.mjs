/**
 * Parses every job file of a folder of the form of ../shared/corpus and compares with its golden.json, which says what
 * Upstart 1.13.2 makes of each file: the verdict, the line of the first error, expressions, texts and all settings.
 *
 * A difference is accepted only where the parser itself says that it comes of a mended bug of the original, in the place
 * and the setting that it marks; the run counts them by number. Without a golden.json it only parses, and counts the verdicts.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadPackage, pathArgument, refuse } from './lib/arguments.mjs';
import { classFields, propertyFields } from './lib/golden-fields.mjs';
import { canonical, readJson } from './lib/json.mjs';
import { bugOfVerdict, fieldExplainer, MendedBugs } from './lib/mended-bugs.mjs';
import { Report } from './lib/report.mjs';

const HARD_FORM = 'Error while loading configuration file: ';
/** The folder whose files use stanzas of ChromeOS's fork. */
const DIALECT = 'dialect-chromeos/';

const root = pathArgument('npm run check:corpus -- DIR');
if (!statSync(root).isDirectory()) refuse(`${root}: expected a folder of job files`);
const { defineJob, mergeConf, parseConf, print, toRpn } = await loadPackage('@maverick/conf');
const { decodeConf } = await loadPackage('@maverick/conf/files');

const mended = new MendedBugs();
const parseFile = (path, options) => {
  const text = decodeConf(readFileSync(join(root, path)));
  return { text, ...parseConf(text, { file: path, ...options }) };
};
const errorsOf = ({ diagnostics }) => diagnostics.filter(({ severity }) => severity === 'error');
const verdict = (found) => {
  const error = errorsOf(found)[0];
  return error ? `${error.line}: ${error.message}` : 'accepted';
};

const fieldsOf = (definition) => ({
  ...propertyFields(definition, toRpn),
  ...Object.fromEntries(Object.entries(classFields(definition)).map(([name, value]) => [`class.${name}`, value])),
});
const bugOfField = fieldExplainer({ parseConf, defineJob }, fieldsOf);

const expectedField = (entry, field) =>
  field.startsWith('class.') ? entry.class[field.slice('class.'.length)] : entry[field];

const fieldDifferences = (entry, conf, files) =>
  Object.entries(fieldsOf(defineJob(conf))).flatMap(([field, value]) => {
    const expected = expectedField(entry, field);
    if (canonical(expected) === canonical(value)) return [];
    const bug = files.map((file) => bugOfField(file, field)).find((found) => found !== undefined);
    return [{ bug, text: `${field}: expected ${canonical(expected)}, got ${canonical(value)}` }];
  });

const differences = (entry, found) => {
  const error = errorsOf(found)[0];
  const message = entry.error?.replace(HARD_FORM, '');
  const expected = entry.accepted ? 'accepted' : `${entry.line}: ${message}`;
  if (expected !== verdict(found)) {
    return [{ bug: bugOfVerdict(found, entry.line), text: `expected ${expected}, got ${verdict(found)}` }];
  }
  return error ? [] : fieldDifferences(entry, found.conf, [found]);
};

/** Differences that no mark of the parser explains. Those that one does are counted, once a file. */
const unexplained = (found) => {
  const reasons = found.filter(({ bug }) => bug === undefined).map(({ text }) => text);
  if (reasons.length === 0) for (const bug of new Set(found.map((difference) => difference.bug))) mended.count(bug);
  return reasons;
};

const checkOverride = (entry, found) => {
  if (!entry.with_base) return [];
  const base = parseFile(entry.with_base.base, { strict: '1.13' });
  const conf = base.conf && found.conf && mergeConf(base.conf, found.conf, { mergeRules: '1.13' }).conf;
  const reasons = conf
    ? unexplained(fieldDifferences(entry.with_base, conf, [base, found]))
    : ['the override or its base has errors'];
  return reasons.map((reason) => `with ${entry.with_base.base}: ${reason}`);
};

const checkFile = (path, entry) => {
  try {
    const found = parseFile(path, { strict: '1.13' });
    const reasons = unexplained(differences(entry, found));
    reasons.push(...checkOverride(entry, found));
    if (print(found.source) !== found.text) reasons.push('printing gives another text');
    if (path.startsWith(DIALECT)) {
      const lenient = parseFile(path, {});
      if (errorsOf(lenient).length > 0) reasons.push(`not strict: expected accepted, got ${verdict(lenient)}`);
    }
    return reasons;
  } catch (error) {
    return [`threw ${error.stack}`];
  }
};

const confFiles = (directory = '') =>
  readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
    if (entry.isDirectory()) return confFiles(path);
    return /\.(?:conf|override)$/.test(path) && entry.isFile() ? [path] : [];
  });

const report = new Report();
const golden = join(root, 'golden.json');
if (existsSync(golden)) {
  const entries = readJson(golden);
  for (const [path, entry] of Object.entries(entries)) report.record(path, checkFile(path, entry));
  for (const path of confFiles()) if (!(path in entries)) console.log(`not in golden.json, not checked: ${path}`);
  mended.print();
} else {
  let accepted = 0;
  for (const path of confFiles()) {
    const found = parseFile(path, {});
    if (found.conf) accepted += 1;
    else console.log(`rejected ${path}:${verdict(found)}`);
    report.record(path, print(found.source) === found.text ? [] : ['printing gives another text']);
  }
  console.log(`no golden.json: ${accepted} accepted`);
}
report.finish();
