// `npm run package [FOLDER]`: the programs for machines without Node, in FOLDER (default: standalone).
import { join, resolve } from 'node:path';
import { ltsNode } from '../lib/lts-node.mjs';
import { build, install, main, ROOT } from '../lib/setup.mjs';
import { makeStandalone } from '../lib/standalone.mjs';

await main(async ([folder = join(ROOT, 'standalone')]) => {
  install();
  build();
  await makeStandalone(ltsNode(), resolve(folder));
  console.log(`${resolve(folder)}: upstart, initctl and lib`);
});
