import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from './root.mjs';

/** Start a bridge (`socket`, `file` …) for the daemon that `env` names, and wait until it is ready. */
export const startBridge = async (name, { env, defer }) => {
  const program = join(ROOT, `packages/bridges/bin/upstart-${name}-bridge.js`);
  const bridge = spawn(process.execPath, [program, '--user', '--debug'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  defer(async () => {
    const gone = once(bridge, 'exit');
    bridge.kill();
    await gone;
  });
  let said = '';
  for await (const text of bridge.stderr.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += text;
    if (said.includes('Ready')) break;
  }
  bridge.stderr.resume();
};
