/** Numbers of processes, wherever they stand. */
const withoutPids = (text) =>
  text
    .replace(/process \d+/g, 'process PID')
    .replace(/^\d+ (unix:abstract=\/com\/ubuntu\/upstart-session\/)\d+\/\d+$/gm, 'PID $1UID/PID')
    .replace(/upstart-session\/\d+\/\d+/g, 'upstart-session/UID/PID');

/** What is of the machine: where a daemon was started, and so how long a file is that says so. */
const withoutPlaces = (text) => text.replace(/^PWD=.*$/gm, 'PWD=DIR').replace(/^(-r\S+ \d+ root root )\d+/gm, '$1SIZE');

/** The state of a job that nobody waited for. */
const withoutMoment = (text) => text.replace(/ (start|stop)\/[\w-]+(?:, process PID)?/g, ' $1/STATE');

/** A line with the indented ones below it. */
const blocks = (text) => text.split(/\n(?=\S)/).map((block) => block.replace(/\n$/, ''));

/** Commands whose answer has the order of a hash. */
const UNORDERED = /^initctl --user (?:list|show-config|check-config)\b(?!.*--help)/;

/** Recorded with both outputs in one. */
const MERGED = /^(?:env -u|init-checkconf)/;

const dedent = (text) => text.replace(/^ {2}/gm, '');

/** Commands that do not wait. */
const PASSING = /^initctl --user (?:start|stop) (?:--no-wait|-n)/;

const comparable = ({ command }, { stdout, stderr }) => {
  if (MERGED.test(command)) return { output: dedent(withoutPids(stdout + stderr)) };
  const plain = withoutPlaces(withoutPids(stdout));
  const out = PASSING.test(command) ? withoutMoment(plain) : plain;
  return { stdout: UNORDERED.test(command) ? blocks(out).sort().join('\n') : out, stderr: withoutPids(stderr) };
};

const show = (outcome) => JSON.stringify(outcome);

/** What is compared of a step as it was recorded, and as it came. */
export const comparedOutcomes = (step, found) =>
  [step, found].map((outcome) => ({ status: outcome.status, ...comparable(step, outcome) }));

/** What differs in one step, as sentences. */
export const commandDifferences = (step, found) => {
  const [expected, got] = comparedOutcomes(step, found).map(show);
  return expected === got ? [] : [`expected ${expected}, got ${got}`];
};
