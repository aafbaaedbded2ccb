import './lib/check-node.mjs';

import('./commands/build.mjs');
