import './lib/check-node.mjs';

import('./commands/package.mjs');
