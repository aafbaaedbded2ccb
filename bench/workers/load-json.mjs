// load-json.mjs CONFDIR PARSED: the milliseconds that reading the files of a directory, and the definitions as JSON, takes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { timed } from '../lib/measure.mjs';

const [, , confDir, parsed] = process.argv;
const definitions = JSON.parse(readFileSync(parsed, 'utf8'));
const load = () =>
  readdirSync(confDir).map((file, index) => ({
    text: readFileSync(join(confDir, file), 'utf8'),
    definition: JSON.parse(definitions[index]),
  }));
console.log(JSON.stringify({ ms: timed(load) }));
