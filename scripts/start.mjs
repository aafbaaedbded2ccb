import './lib/check-node.mjs';

import('./commands/start.mjs');
