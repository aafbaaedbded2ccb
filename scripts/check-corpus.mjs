/**
 * Parses every job file of a folder of the form of ../shared/corpus and compares with its golden.json, which says what
 * Upstart 1.13.2 makes of each file: the verdict, the line of the first error, expressions, texts and all settings.
 *
 * A difference is accepted only where the parser itself says that it comes of a mended bug of the original; the run
 * counts them by number. Without a golden.json it only parses, and counts the verdicts.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadPackage, pathArgument, refuse } from './lib/arguments.mjs';
import { classFields, propertyFields } from './lib/golden-fields.mjs';
import { canonical, readJson } from './lib/json.mjs';
import { Report } from './lib/report.mjs';

const HARD_FORM = 'Error while loading configuration file: ';
/** The folder whose files use stanzas of ChromeOS's fork. */
const DIALECT = 'dialect-chromeos/';

const root = pathArgument('npm run check:corpus -- DIR');
if (!statSync(root).isDirectory()) refuse(`${root}: expected a folder of job files`);
const { defineJob, mergeConf, parseConf, print, toRpn } = await loadPackage('@maverick/conf');
const { decodeConf } = await loadPackage('@maverick/conf/files');

const mended = new Map();
const parseFile = (path, options) => {
  const text = decodeConf(readFileSync(join(root, path)));
  return { text, ...parseConf(text, { file: path, ...options }) };
};
const errorsOf = ({ diagnostics }) => diagnostics.filter(({ severity }) => severity === 'error');
const verdict = (found) => {
  const error = errorsOf(found)[0];
  return error ? `${error.line}: ${error.message}` : 'accepted';
};

/** The mended bugs that the parser has marked, those of the first error first. */
const marks = (...files) => [
  ...files.flatMap((file) => errorsOf(file).flatMap(({ bug }) => (bug ? [bug] : []))),
  ...files.flatMap(({ source }) => source.nodes.flatMap((node) => ('mends' in node ? node.mends : []))),
];

const fieldDifferences = (entry, conf) => {
  const definition = defineJob(conf);
  const properties = propertyFields(definition, toRpn);
  const fields = classFields(definition);
  const differ = (expected, found) => canonical(expected) !== canonical(found);
  const show = (name, expected, found) => `${name}: expected ${canonical(expected)}, got ${canonical(found)}`;
  return [
    ...Object.entries(properties)
      .filter(([name, value]) => differ(entry[name], value))
      .map(([name, value]) => show(name, entry[name], value)),
    ...Object.entries(fields)
      .filter(([name, value]) => differ(entry.class[name], value))
      .map(([name, value]) => show(`class.${name}`, entry.class[name], value)),
  ];
};

const differences = (entry, found) => {
  const error = errorsOf(found)[0];
  const message = entry.error?.replace(HARD_FORM, '');
  if (entry.accepted !== (error === undefined) || (error && error.message !== message)) {
    return [`expected ${entry.accepted ? 'accepted' : `${entry.line}: ${message}`}, got ${verdict(found)}`];
  }
  if (error) return entry.line === error.line ? [] : [`expected line ${entry.line}, got ${error.line}`];
  return fieldDifferences(entry, found.conf);
};

/** Differences that no mark of the parser explains. Those that one does are counted. */
const unexplained = (reasons, ...files) => {
  const [mark] = reasons.length > 0 ? marks(...files) : [];
  if (mark === undefined) return reasons;
  mended.set(mark, (mended.get(mark) ?? 0) + 1);
  return [];
};

const checkOverride = (entry, found) => {
  if (!entry.with_base) return [];
  const base = parseFile(entry.with_base.base, { strict: '1.13' });
  const conf = base.conf && found.conf && mergeConf(base.conf, found.conf, { mergeRules: '1.13' }).conf;
  const reasons = conf ? fieldDifferences(entry.with_base, conf) : ['the override or its base has errors'];
  return unexplained(reasons, base, found).map((reason) => `with ${entry.with_base.base}: ${reason}`);
};

const checkFile = (path, entry) => {
  try {
    const found = parseFile(path, { strict: '1.13' });
    const reasons = unexplained(differences(entry, found), found);
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
  const counts = [...mended].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  console.log(`mended bugs: ${counts.map(([bug, count]) => `${bug} ${count}`).join(', ') || 'none'}`);
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
