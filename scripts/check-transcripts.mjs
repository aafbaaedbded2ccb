/**
 * Plays a recorded conversation with the original (dbus.txt of ../shared/spec/transcripts) to this daemon, and compares.
 *
 * Set aside is what the original promises nothing about:
 * - the numbers of processes
 * - the order of GetAllJobs, GetAllInstances and ListEnv
 * - between the signals of one object and those of another, the order
 * - what stands between the elements of introspection data, and interfaces there that the original lacks
 * Anything else that differs is a row of docs/compatibility.md, named in lib/transcript-differences.mjs.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPackage, pathArgument, refuse } from './lib/arguments.mjs';
import { Report } from './lib/report.mjs';
import { ROOT } from './lib/setup.mjs';
import { readTranscript } from './lib/transcript.mjs';
import { differencesOf } from './lib/transcript-compare.mjs';
import { TRANSCRIPT_DIFFERENCES } from './lib/transcript-differences.mjs';
import { playTranscript } from './lib/transcript-player.mjs';

const folder = pathArgument('npm run check:transcripts -- FOLDER');
const { connect } = await loadPackage('@maverick/dbus/client');

const readSteps = () => {
  try {
    return readTranscript(readFileSync(join(folder, 'dbus.txt'), 'utf8'));
  } catch (error) {
    return refuse(`${folder}/dbus.txt can't be read: ${error.message}`);
  }
};

const compatibility = readFileSync(join(ROOT, 'docs/compatibility.md'), 'utf8');
const report = new Report();
const accepted = new Map();

/** The written-down difference that this one is an instance of. */
const explain = (step, difference) =>
  TRANSCRIPT_DIFFERENCES.find(({ steps, differs }) => steps.test(step.title) && differs.test(difference));

const judge = (step, differences) => {
  const unexplained = [];
  for (const difference of differences) {
    const row = explain(step, difference);
    if (row === undefined) unexplained.push(difference);
    else accepted.set(row, (accepted.get(row) ?? 0) + 1);
  }
  report.record(`${step.section}: ${step.title}`, unexplained);
};

for (const row of TRANSCRIPT_DIFFERENCES) {
  const found = compatibility.includes(row.row);
  report.record(`compatibility: ${row.row}`, found ? [] : ['docs/compatibility.md has no such row']);
}
const steps = readSteps();
await playTranscript(steps, connect, (step, found) => judge(step, differencesOf(step, found)));
for (const row of TRANSCRIPT_DIFFERENCES) {
  if (accepted.has(row)) console.log(`${accepted.get(row)} × ${row.row}`);
  else if (!row.timely) report.fail(row.row, 'nothing differs in this way any more: remove the row');
}
report.finish();
