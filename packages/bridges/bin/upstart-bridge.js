#!/usr/bin/env node
try {
  require('../dist/upstart-bridge.cjs');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error;
  console.error(`upstart-bridge: not built yet, or not whole (${error.message}). Run: npm run build`);
  process.exitCode = 1;
}
