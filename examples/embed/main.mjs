// A program of one's own around a Supervisor: a print shop whose jobs are in the folder `jobs` beside this file.
import { Supervisor, SupervisorError } from '@maverick/supervisor';

const shop = new Supervisor({
  confDirs: [`${import.meta.dirname}/jobs`],
  onEvent(event) {
    if (event.kind === 'diagnostic') console.error(`${event.diagnostic.path}: ${event.diagnostic.message}`);
    if (event.kind === 'state-changed' && event.to === 'running') {
      console.log(`${event.instance.job} runs${event.instance.instance && ` for ${event.instance.instance}`}`);
    }
  },
});

// Load the jobs and emit `startup`: the press starts because of it.
shop.start();

// An event is answered when everything that it caused is done: these two are printed at the same time.
await Promise.all([
  shop.emit('order', { env: ['TITLE=Walden', 'COPIES=2'] }),
  shop.emit('order', { env: ['TITLE=Emma', 'COPIES=1'] }),
]);
console.log('all orders are done');

// Errors have a code.
await shop.startJob('binder').catch((error) => {
  if (error instanceof SupervisorError) console.log(`${error.code}: ${error.message}`);
});

for (const job of shop.jobs()) console.log(`${job.name} has ${job.instances.length} instance(s)`);
await shop.shutdown();
await shop.close();
console.log('closed');
