import { build, main } from '../lib/setup.mjs';

await main(build);
