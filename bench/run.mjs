// `npm run bench -- [NAME...] [--rounds=N] [--json]`: measures, beside a bare reference in the same run.
import { parseArgs } from 'node:util';
import { loadCases } from './lib/cases.mjs';
import { createContext } from './lib/context.mjs';
import { factsLine, machineFacts, tableText } from './lib/report.mjs';

/** The exit status for a wrong command line. */
const USAGE_STATUS = 2;

class UsageError extends Error {}

const readArguments = () => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, rounds: { type: 'string' } },
    });
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
    if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
      throw new UsageError(`--rounds: expected a whole number above 0, got '${values.rounds}'`);
    }
    return { json: values.json, rounds, names: positionals };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(error.message);
  }
};

const listText = (cases) => {
  const width = Math.max(...cases.map(({ name }) => name.length));
  const lines = cases.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}`);
  return ['Usage: npm run bench -- NAME... [--rounds=N] [--json]', '', 'Cases:', ...lines].join('\n');
};

const choose = (cases, names) =>
  names.map((name) => {
    const found = cases.find((candidate) => candidate.name === name);
    if (found === undefined) {
      throw new UsageError(`unknown case: ${name}; known are ${cases.map((known) => known.name).join(', ')}`);
    }
    return found;
  });

/** Run one case; whatever it started is ended, also if it fails or is interrupted. */
const runCase = async ({ name, run, table = tableText }, { json, rounds }) => {
  const progress = json ? () => {} : ({ label }) => process.stderr.write(`${name}: ${label} measured\n`);
  const context = createContext({ rounds, onRow: progress });
  const interrupted = new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
  });
  try {
    await Promise.race([run(context), interrupted]);
  } finally {
    await context.dispose();
  }
  return { name, rows: context.rows, text: table(context.rows) };
};

const main = async () => {
  const { names, ...options } = readArguments();
  const cases = await loadCases();
  if (names.length === 0) {
    console.log(listText(cases));
    return;
  }
  const chosen = choose(cases, names);
  const machine = machineFacts();
  if (!options.json) console.log(factsLine(machine));
  const results = [];
  for (const one of chosen) {
    const result = await runCase(one, options);
    results.push(result);
    if (!options.json) console.log(`\n${one.name}: ${one.description}\n${result.text}`);
  }
  if (options.json)
    console.log(JSON.stringify({ machine, cases: results.map(({ name, rows }) => ({ name, rows })) }, undefined, 2));
};

try {
  await main();
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exitCode = error instanceof UsageError ? USAGE_STATUS : 1;
}
