import type { Random } from './random.js';

/** How many jobs there may be, and how many events of each kind. */
export const JOBS = 20;
export const EVENTS = 5;

export const jobName = (number: number): string => `job${number}`;

const RESPAWN = 'respawn\nrespawn limit unlimited\n';

/**
 * Main processes, whose ends are all that is left of them when they are killed: a child beside one would outlive it until
 * the job or the daemon ends, as in the original.
 */
const MAIN = [
  [6, 'exec sleep 1000\n'],
  [3, `${RESPAWN}exec sleep 1000\n`],
  [2, `${RESPAWN}script\n  echo begin\n  exec sleep 1000\nend script\n`],
  [2, 'exec /nowhere/program\n'],
  [2, 'task\nexec true\n'],
  [2, 'task\nscript\n  echo working\n  sleep 0.05\n  exit 3\nend script\n'],
  [2, 'expect fork\nscript\n  sleep 1000 &\nend script\n'],
  [1, `expect daemon\n${RESPAWN}script\n  ( sleep 1000 & ) &\nend script\n`],
  [1, 'expect stop\nscript\n  kill -STOP $$\n  exec sleep 1000\nend script\n'],
  [1, 'respawn\nrespawn limit 3 5\nexec false\n'],
  [1, `respawn backoff 1 2\nexec false\n`],
  [1, 'kill timeout 1\nscript\n  trap "" TERM\n  exec sleep 1000\nend script\n'],
  [1, 'script\n  while :; do echo chatter; sleep 0.2; done\nend script\n'],
  [2, 'instance $N\nexec sleep 1000\n'],
  [1, ''],
] as const;

const AROUND = [
  'exec true\n',
  'exec sleep 0.05\n',
  'exec false\n',
  'script\n  echo around\n  true\nend script\n',
] as const;

const condition = (random: Random): string => {
  const job = jobName(random.below(JOBS));
  return random.weighted([
    [4, `start on go${random.below(EVENTS)}\nstop on halt${random.below(EVENTS)}\n`],
    [2, `start on go${random.below(EVENTS)} and go${random.below(EVENTS)}\n`],
    [2, `start on started ${job}\nstop on stopping ${job}\n`],
    [1, `start on starting ${job}\nstop on stopped ${job}\n`],
    [1, `while ${job}\n`],
    [2, ''],
  ]);
};

/** The text of a good job file. */
export const goodText = (random: Random): string =>
  [
    condition(random),
    random.maybe(0.3, 'env COLOUR=red\nexport COLOUR\n'),
    random.maybe(0.2, 'console none\n'),
    ...['pre-start', 'post-start', 'pre-stop', 'post-stop'].map((role) =>
      random.maybe(0.12, `${role} ${random.pick(AROUND)}`),
    ),
    random.weighted(MAIN),
  ].join('');

export const BROKEN_TEXT = 'respawn limit lots\nexec sleep 1000\n';

export const overrideText = (random: Random): string =>
  random.pick(['manual\n', 'env COLOUR=blue\n', 'respawn\nrespawn limit unlimited\n', 'nice 5\n'] as const);
