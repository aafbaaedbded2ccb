// load-conf.mjs CONFDIR COUNT: the milliseconds that reading a directory and finding its jobs takes.
import { resolveJobs } from '@maverick/conf';
import { readConfSources } from '@maverick/conf/files';
import { timed } from '../lib/measure.mjs';

const [, , confDir, count] = process.argv;
let loaded = 0;
const ms = timed(() => {
  const { sources } = readConfSources([{ kind: 'directory', path: confDir }]);
  loaded = resolveJobs(sources).jobs.size;
});
if (loaded !== Number(count)) throw new Error(`${loaded} of ${count} jobs were loaded`);
console.log(JSON.stringify({ ms }));
