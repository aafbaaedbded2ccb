// A step of the build: the programs as one file each.
import { bundlePrograms } from './lib/bundle.mjs';
import { main } from './lib/setup.mjs';

await main(bundlePrograms);
