// `npm start`: install and build what changed, then become the daemon on the example jobs (or the user's own).
import { build, install, main, ROOT } from '../lib/setup.mjs';

/** Our defaults, each only where the user has not said otherwise. */
const withDefaults = (args) => {
  const given = (name) => args.some((arg) => arg === name || arg.startsWith(`${name}=`));
  return ['--user', '--live', ...(given('--confdir') ? [] : ['--confdir', `${ROOT}examples/jobs`]), ...args];
};

await main(async (args) => {
  install();
  build();
  const { exec } = await import('@maverick/spawner');
  // The daemon replaces this process, so that signals, PID and exit status are its own.
  const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  exec(process.execPath, [process.execPath, `${ROOT}packages/init/bin/upstart.js`, ...withDefaults(args)], env);
});
