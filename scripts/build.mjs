import './lib/check-node.mjs';

const { build, main } = await import('./lib/setup.mjs');
await main(build);
