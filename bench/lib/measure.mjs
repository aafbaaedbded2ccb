const sorted = (values) => values.toSorted((a, b) => a - b);

/** The middle value; of an even number, the mean of the two in the middle. */
export const median = (values) => {
  const ordered = sorted(values);
  const middle = Math.floor(ordered.length / 2);
  return ordered.length % 2 === 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
};

const summary = (name, times) => ({ name, min: Math.min(...times), median: median(times) });

/** How long a synchronous piece of work takes, in milliseconds. */
export const timed = (work) => {
  const begun = performance.now();
  work();
  return performance.now() - begun;
};

/**
 * Measure a subject and its reference in turns (A B A B …), after one turn of each that does not count. What slows the
 * machine down for a while so slows both, and the ratio of each pair holds.
 * @param row `work`, if given, says how many `files` and `bytes` one run handles; `subject` and `reference` have a `name` and a `run` that returns the milliseconds that it took
 */
export const compare = async ({ label, subject, reference, rounds, work }) => {
  await subject.run();
  await reference.run();
  const times = { subject: [], reference: [] };
  for (let round = 0; round < rounds; round++) {
    times.subject.push(await subject.run());
    times.reference.push(await reference.run());
  }
  return {
    label,
    rounds,
    ...(work === undefined ? {} : { work }),
    subject: summary(subject.name, times.subject),
    reference: summary(reference.name, times.reference),
    ratio: median(times.subject.map((ms, round) => ms / times.reference[round])),
  };
};
