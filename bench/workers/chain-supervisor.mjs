// chain-supervisor.mjs CONFDIR LAST: the milliseconds from an event to the end of the job LAST, the last of a chain of tasks.
import { Supervisor } from '@maverick/supervisor';

const [, , confDir, last] = process.argv;
const supervisor = new Supervisor({ confDirs: [confDir] });
const ended = new Promise((resolve) => {
  supervisor.subscribe((event) => {
    if (event.kind === 'instance-removed' && event.instance.job === last) resolve();
  });
});
try {
  supervisor.start({ startupEvent: undefined });
  const begun = performance.now();
  await supervisor.emit('go');
  await ended;
  console.log(JSON.stringify({ ms: performance.now() - begun }));
} finally {
  await supervisor.shutdown();
  await supervisor.close();
}
