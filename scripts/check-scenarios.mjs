/** Plays every scenario of a file against `@maverick/engine` and lists those that come out otherwise. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkScenario } from './lib/scenario.mjs';

const USAGE = 'usage: npm run check:scenarios -- [--semantics upstart|maverick] [--verbose] FILE.json';

const refuse = (message) => {
  console.error(`check-scenarios: ${message}\n${USAGE}`);
  process.exit(2);
};

const readArguments = () => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { semantics: { type: 'string', default: 'upstart' }, verbose: { type: 'boolean', default: false } },
    });
    if (positionals.length !== 1) refuse(`expected one file of scenarios, got ${positionals.length}`);
    if (values.semantics !== 'upstart' && values.semantics !== 'maverick') {
      refuse(`unknown semantics '${values.semantics}': use upstart or maverick`);
    }
    return { ...values, file: positionals[0] };
  } catch (error) {
    return refuse(error.message);
  }
};

const readScenarios = (file) => {
  try {
    const { scenarios } = JSON.parse(readFileSync(file, 'utf8'));
    if (!Array.isArray(scenarios)) refuse(`${file}: expected an object with a list 'scenarios'`);
    return scenarios;
  } catch (error) {
    return refuse(`${file}: ${error.message}`);
  }
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
let passed = 0;
let failed = 0;
for (const scenario of readScenarios(file)) {
  const differences = checkScenario(scenario, semantics);
  const [first] = differences;
  if (!first) {
    passed += 1;
    continue;
  }
  failed += 1;
  console.log(`${scenario.name}: ${first.where}: ${first.what}`);
  if (verbose) differences.forEach(showDifference);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
