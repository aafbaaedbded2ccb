// read-journal.mjs DIR WHAT: the milliseconds of CPU that it takes to read a journal for a command; `parse`: to parse it and no more.
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import {
  arrivalOf,
  bootSpan,
  chainTo,
  endOf,
  journalLines,
  lastOfBoot,
  readHistories,
  startText,
  timelineOf,
  timelineSvg,
} from '@maverick/graph';

const [, , dir, what] = process.argv;

const parseAll = () => {
  const fd = openSync(join(dir, 'journal.jsonl'), 'r');
  const chunk = Buffer.alloc(1 << 20);
  let rest = '';
  for (let bytes = readSync(fd, chunk); bytes > 0; bytes = readSync(fd, chunk)) {
    const lines = (rest + chunk.toString('utf8', 0, bytes)).split('\n');
    rest = lines.pop();
    for (const line of lines) JSON.parse(line);
  }
  closeSync(fd);
};

const READINGS = {
  parse: parseAll,
  journal: () => {
    for (const line of journalLines(dir)) if (line.what === undefined) throw new Error('a line without a kind');
  },
  history: () => {
    for (const history of readHistories(dir)) {
      for (const run of history.runs)
        if (startText(history, run) === endOf(history, run, false)) throw new Error('same');
    }
  },
  timeline: () => {
    const [history] = readHistories(dir, 0);
    timelineSvg(timelineOf(history, bootSpan(history), false));
  },
  'critical-chain': () => {
    const [history] = readHistories(dir, 0);
    const last = lastOfBoot(history);
    if (last !== undefined) chainTo(history, arrivalOf(last).cause);
  },
};

READINGS[what]();
// Not the time on the wall: what else runs on the machine is no part of it.
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ ms: (user + system) / 1000 }));
