/**
 * Recorded sessions of command lines: `$ COMMAND`, what it printed (`2> ` before lines on standard error), and `[rc=N]`.
 * `### ` begins a section.
 */

const END = /^(.*)\[rc=(\d+)(?:; \d+ ms)?\]$/s;

/** The two outputs of a step as they came. A last line without its end has the closing mark behind it. */
const outputOf = (lines, rest) => {
  const out = lines.filter((line) => !line.startsWith('2> ')).map((line) => `${line}\n`);
  const err = lines.filter((line) => line.startsWith('2> ')).map((line) => `${line.slice(3)}\n`);
  return { stdout: out.join('') + rest, stderr: err.join('') };
};

/**
 * The steps in order, each with its section. Text between steps is kept as `note`s. A step is read up to its mark; a
 * section whose title `until` names ends the reading.
 */
export const readCommandTranscript = (text, { until = /(?!)/ } = {}) => {
  const steps = [];
  let section = '';
  let step;
  for (const line of text.split('\n')) {
    if (step === undefined) {
      if (until.test(line)) break;
      if (line.startsWith('### ')) section = line.slice(4);
      else if (line.startsWith('$ ')) step = { section, command: line.slice(2).trim(), lines: [] };
      else if (line !== '') steps.push({ section, note: line });
      continue;
    }
    const end = END.exec(line);
    if (line.startsWith('$ ')) {
      // Nothing was recorded of the one before.
      steps.push({ section, note: step.command });
      step = { section, command: line.slice(2).trim(), lines: [] };
    } else if (end === null) step.lines.push(line);
    else {
      const { lines, ...rest } = step;
      steps.push({ ...rest, ...outputOf(lines, end[1]), status: Number(end[2]) });
      step = undefined;
    }
  }
  return steps;
};
