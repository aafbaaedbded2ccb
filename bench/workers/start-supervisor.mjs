// start-supervisor.mjs CONFDIR COUNT [STATEDIR [JOURNALDIR]] ('' for none): the milliseconds from an event to the last of the jobs that it starts running.
import { openJournal, Supervisor } from '@maverick/supervisor';

const [, , confDir, count, stateDir = '', journalDir = ''] = process.argv;
const wanted = Number(count);

/** Resolves when every job runs. */
const allRunning = (supervisor) =>
  new Promise((resolve, reject) => {
    let running = 0;
    supervisor.subscribe((event) => {
      if (event.kind === 'spawn-failed') reject(new Error(event.failure.message));
      if (event.kind === 'state-changed' && event.to === 'running' && ++running === wanted) resolve();
    });
  });

const measure = async (supervisor) => {
  const loaded = supervisor.jobs().length;
  if (loaded !== wanted) throw new Error(`${loaded} of ${wanted} jobs were loaded`);
  const done = allRunning(supervisor);
  const begun = performance.now();
  const emitted = supervisor.emit('go');
  await done;
  const ms = performance.now() - begun;
  await emitted;
  return ms;
};

const supervisor = new Supervisor({
  confDirs: [confDir],
  ...(stateDir === '' ? {} : { stateDir }),
  // Whole, so that what was written can be looked at.
  ...(journalDir === '' ? {} : { journal: openJournal(journalDir, { maxBytes: 1 << 30 }) }),
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => supervisor.shutdown().finally(() => process.exit(1)));
}
try {
  supervisor.start({ startupEvent: undefined });
  console.log(JSON.stringify({ ms: await measure(supervisor) }));
} finally {
  await supervisor.shutdown();
  await supervisor.close();
}
