// The programs as one executable that needs no Node and no node_modules: Node's own single executable application.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { PROGRAMS } from './bundle.mjs';
import { ROOT, StepFailed } from './setup.mjs';

const KEEP_CODE = join(ROOT, 'scripts/lib/keep-code.cjs');
const LOADER = join(ROOT, 'scripts/lib/standalone-loader.cjs');
/** A daemon that has not come up by then never will. */
const START_LIMIT_MS = 30_000;

/** The executable is these; bridges run inside the daemon. */
const CARRIED = ['upstart', 'initctl'];

const packageFolder = (name) => join(ROOT, 'packages', name);
const fileOf = (name, part) => join(packageFolder(PROGRAMS[name].package), 'dist', `${name}.${part}.js`);

/** What the programs look for beside themselves, where `scripts/lib/bundle-places.js` looks for it. */
const FILES = {
  spawner: ['build/maverick.node', 'build/spawn-helper', 'build/log-process'],
  dbus: ['package.json'],
  init: ['package.json'],
};

const copyFiles = (folder) => {
  for (const [name, files] of Object.entries(FILES)) {
    mkdirSync(join(folder, 'lib', name, 'build'), { recursive: true });
    for (const file of files) copyFileSync(join(packageFolder(name), file), join(folder, 'lib', name, file));
  }
};

const sessionOf = (runtime) => {
  const folder = join(runtime, 'upstart', 'sessions');
  const [name] = existsSync(folder) ? readdirSync(folder) : [];
  return name && /^UPSTART_SESSION=(.+)$/m.exec(readFileSync(join(folder, name), 'utf8'))?.[1];
};

const awaitSession = async (runtime, child) => {
  const givenUp = performance.now() + START_LIMIT_MS;
  while (performance.now() < givenUp && child.exitCode === null) {
    const address = sessionOf(runtime);
    if (address) return address;
    await setTimeout(20);
  }
  throw new Error('the daemon did not start, so that its compiled code could not be taken');
};

/** Run both programs on this Node, and keep what V8 compiles of them: the executable has it from its first start on. */
const compile = async (node, folder) => {
  const command = (name, ...args) => [
    KEEP_CODE,
    fileOf(name, 'bundle'),
    join(folder, `${name}.code`),
    PROGRAMS[name].flags,
    ...args,
  ];
  const env = { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder };
  const jobs = join(folder, 'jobs');
  mkdirSync(jobs);
  writeFileSync(join(jobs, 'sleeper.conf'), 'start on startup\nexec sleep 60\n');
  const daemon = spawn(node, command('upstart', '--user', '--quiet', '--confdir', jobs, '--logdir', folder), {
    env,
    stdio: 'ignore',
  });
  const ended = once(daemon, 'exit');
  try {
    const address = await awaitSession(folder, daemon);
    for (const args of [['stop', 'sleeper'], ['emit', 'nothing'], ['status', 'sleeper'], ['list']]) {
      spawnSync(node, command('initctl', ...args), { env: { ...env, UPSTART_SESSION: address }, stdio: 'ignore' });
    }
  } finally {
    daemon.kill('SIGTERM');
    await ended;
  }
};

/** What the executable carries. */
const assets = (folder) =>
  Object.fromEntries(
    CARRIED.flatMap((name) => {
      const settings = join(folder, `${name}.json`);
      writeFileSync(settings, JSON.stringify({ flags: PROGRAMS[name].flags }));
      return [
        [`${name}.bundle.js`, fileOf(name, 'bundle')],
        [`${name}.more.js`, fileOf(name, 'more')],
        [`${name}.rare.js`, fileOf(name, 'rare')],
        [`${name}.code`, join(folder, `${name}.code`)],
        [`${name}.json`, settings],
      ];
    }),
  );

const inject = (node, folder, output) => {
  const settings = join(folder, 'sea.json');
  const sea = {
    main: LOADER,
    mainFormat: 'commonjs',
    executable: node,
    output,
    disableExperimentalSEAWarning: true,
    assets: assets(folder),
  };
  writeFileSync(settings, JSON.stringify(sea));
  const { status, stderr } = spawnSync(node, ['--build-sea', settings], { encoding: 'utf8' });
  if (status === 0) return;
  console.error(stderr);
  throw new StepFailed('making the executable', 1);
};

/**
 * Make `upstart`, `initctl` (the same file under another name) and `lib` in a folder. Build before.
 * @param node the Node that becomes part of it, 25.5 or newer
 */
export const makeStandalone = async (node, folder) => {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'maverick-package-'));
  try {
    await compile(node, work);
    for (const name of CARRIED) rmSync(join(folder, name), { force: true });
    inject(node, work, join(folder, 'upstart'));
    linkSync(join(folder, 'upstart'), join(folder, 'initctl'));
    copyFiles(folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};
