// load-supervisor.mjs CONFDIR COUNT: the milliseconds that a new supervisor's first load of a directory takes.
import { Supervisor } from '@maverick/supervisor';
import { timed } from '../lib/measure.mjs';

const [, , confDir, count] = process.argv;
const supervisor = new Supervisor({ confDirs: [confDir] });
const ms = timed(() => supervisor.reloadConfiguration());
const loaded = supervisor.jobs().length;
await supervisor.close();
if (loaded !== Number(count)) throw new Error(`${loaded} of ${count} jobs were loaded`);
console.log(JSON.stringify({ ms }));
