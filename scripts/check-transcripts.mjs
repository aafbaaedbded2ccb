/**
 * Plays recorded sessions with the original (../shared/spec/transcripts) to this daemon and these programs, and compares:
 * dbus.txt, a conversation on D-Bus; user.txt, the commands of a session; pid1-tools.txt, those of a machine;
 * init-checkconf.txt. With names behind the folder only these are played.
 *
 * Set aside is what the original promises nothing about:
 * - the numbers of processes, and where a daemon was started
 * - the order of jobs, instances and variables
 * - the state of a job that a command did not wait for
 * - between the signals of one object and those of another, the order
 * - what stands between the elements of introspection data, and interfaces there that the original lacks
 * - the daemon's own log, whose words are other ones
 * Anything else that differs is a row of docs/compatibility.md, named in lib/transcript-differences.mjs and
 * lib/command-differences.mjs.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromCaller, loadPackage, refuse } from './lib/arguments.mjs';
import { playCheckconf } from './lib/checkconf-player.mjs';
import { commandDifferences, comparedOutcomes } from './lib/command-compare.mjs';
import { COMMAND_DIFFERENCES } from './lib/command-differences.mjs';
import { playCommands } from './lib/command-player.mjs';
import { readCommandTranscript } from './lib/command-transcript.mjs';
import { cannotBeMachine, playOnMachine } from './lib/machine-player.mjs';
import { Report } from './lib/report.mjs';
import { ROOT } from './lib/setup.mjs';
import { readTranscript } from './lib/transcript.mjs';
import { differencesOf } from './lib/transcript-compare.mjs';
import { TRANSCRIPT_DIFFERENCES } from './lib/transcript-differences.mjs';
import { playTranscript } from './lib/transcript-player.mjs';

const [folderArgument, ...names] = process.argv.slice(2);
if (folderArgument === undefined) refuse('usage: npm run check:transcripts -- FOLDER [NAME]...');
const folder = fromCaller(folderArgument);
if (!existsSync(folder)) refuse(`${folderArgument}: there is no such directory`);

const compatibility = readFileSync(join(ROOT, 'docs/compatibility.md'), 'utf8');
const report = new Report();
const accepted = new Map();

const accept = (row) => accepted.set(row, (accepted.get(row) ?? 0) + 1);

/** The written-down difference that this one is an instance of. */
const explain = (step, difference) =>
  TRANSCRIPT_DIFFERENCES.find(({ steps, differs }) => steps.test(step.title) && differs.test(difference));

const judge = (step, differences) => {
  const unexplained = [];
  for (const difference of differences) {
    const row = explain(step, difference);
    if (row === undefined) unexplained.push(difference);
    else accept(row);
  }
  report.record(`${step.section}: ${step.title}`, unexplained);
};

const judgeCommand = (file) => (step, found) => {
  const differences = commandDifferences(step, found);
  const [expected, got] = comparedOutcomes(step, found);
  const row =
    differences.length === 0
      ? undefined
      : COMMAND_DIFFERENCES.find(({ steps, explains }) => steps.test(step.command) && explains(expected, got));
  if (row !== undefined) accept(row);
  report.record(`${file}: ${step.section} ${step.command}`, row === undefined ? differences : []);
};

const commandSteps = (file, until) => {
  const steps = readCommandTranscript(readFileSync(join(folder, file), 'utf8'), { until });
  return steps.map((step) => ({ ...step, isSame: (found) => commandDifferences(step, found).length === 0 }));
};

/** In words of its own throughout: it is no answer that scripts read. */
const NOT_COMPARED = /^init --help$/;

/** What each recording is played to. */
const RECORDINGS = {
  'dbus.txt': async (file) => {
    const { connect } = await loadPackage('@maverick/dbus/client');
    const steps = readTranscript(readFileSync(join(folder, file), 'utf8'));
    await playTranscript(steps, connect, (step, found) => judge(step, differencesOf(step, found)));
  },
  'user.txt': (file) => playCommands(commandSteps(file, /^### init's own log/), judgeCommand(file)),
  'pid1-tools.txt': async (file) => {
    const reason = cannotBeMachine();
    if (reason !== undefined) return console.log(`skipped ${file}: ${reason}`);
    const steps = commandSteps(file, /^== /).filter(({ command }) => !NOT_COMPARED.test(command));
    return playOnMachine(steps, judgeCommand(file));
  },
  'init-checkconf.txt': (file) => playCheckconf(commandSteps(file), judgeCommand(file)),
};

const TABLES = {
  'dbus.txt': TRANSCRIPT_DIFFERENCES,
  'user.txt': COMMAND_DIFFERENCES.filter(({ only }) => only === undefined),
  'init-checkconf.txt': COMMAND_DIFFERENCES.filter(({ only }) => only === 'init-checkconf.txt'),
};

for (const [file, play] of Object.entries(RECORDINGS)) {
  if (names.length > 0 && !names.includes(file)) continue;
  if (!existsSync(join(folder, file))) report.fail(file, 'is not in the folder');
  else {
    await play(file);
    for (const row of TABLES[file] ?? []) {
      const found = compatibility.includes(row.row);
      report.record(`compatibility: ${row.row}`, found ? [] : ['docs/compatibility.md has no such row']);
      if (accepted.has(row)) console.log(`${accepted.get(row)} × ${row.row}`);
      else if (!row.timely) report.fail(row.row, 'nothing differs in this way any more: remove the row');
    }
  }
}
report.finish();
