import './lib/check-node.mjs';

import('./commands/test-long.mjs');
