/** Plays every scenario of a file against `@maverick/engine` and lists those that come out otherwise. */
import { parseArgs } from 'node:util';
import { fromCaller } from './lib/arguments.mjs';
import { readJson } from './lib/json.mjs';
import { Report } from './lib/report.mjs';
import { checkScenario } from './lib/scenario.mjs';

const USAGE = 'usage: npm run check:scenarios -- [--semantics upstart|maverick] [--verbose] FILE.json';

const refuse = (message) => {
  console.error(`${message}\n${USAGE}`);
  process.exit(2);
};

const options = {
  semantics: { type: 'string', default: 'upstart' },
  verbose: { type: 'boolean', default: false },
};

const parse = () => {
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    return refuse(error.message);
  }
};

const readArguments = () => {
  const { values, positionals } = parse();
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) refuse(`expected one file of scenarios, got ${positionals.length}`);
  if (values.semantics !== 'upstart' && values.semantics !== 'maverick') {
    refuse(`unknown semantics '${values.semantics}': expected upstart or maverick`);
  }
  return { ...values, file };
};

const showDifference = ({ where, what, expected, actual }) => {
  console.log(`  ${where}: ${what}`);
  if (!expected) return;
  for (let line = 0; line < Math.max(expected.length, actual.length); line += 1) {
    const mark = expected[line] === actual[line] ? ' ' : '!';
    console.log(`    ${mark} ${(expected[line] ?? '').padEnd(60)} | ${actual[line] ?? ''}`);
  }
};

const { semantics, verbose, file } = readArguments();
const { scenarios } = readJson(fromCaller(file)) ?? {};
if (!Array.isArray(scenarios) || scenarios.length === 0) refuse(`${file}: expected an object with a list 'scenarios'`);

const report = new Report();
for (const scenario of scenarios) {
  const differences = checkScenario(scenario, semantics);
  const [first] = differences;
  report.record(scenario.name, first ? [`${first.where}: ${first.what}`] : []);
  if (verbose) differences.forEach(showDifference);
}
report.finish();
