import './lib/check-node.mjs';

import('./commands/ci.mjs');
