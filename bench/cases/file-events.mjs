import { appendFileSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@maverick/dbus/client';
import { watchInotify } from '@maverick/spawner';
import { startBridge } from '../lib/bridge.mjs';
import { startDaemon } from '../lib/daemon.mjs';

export const name = 'file-events';
export const description = '10,000 changes of files that 1,000 globs watch, as events of the file bridge';

const GLOBS = 1_000;
/** Of each file: once created, so often modified, once deleted. */
const MODIFIED = 8;
const KINDS = ['create', ...Array(MODIFIED).fill('modify'), 'delete'];
const CHANGES = GLOBS * KINDS.length;

const folders = (root) => Array.from({ length: GLOBS }, (_, index) => join(root, `d${index}`));
const ACTS = {
  create: (file) => writeFileSync(file, ''),
  modify: (file) => appendFileSync(file, 'x'),
  delete: unlinkSync,
};

/** In turns, so that the kernel does not take two changes of a file that follow each other for one. */
const changeAll = (root) => {
  for (const kind of KINDS) for (const folder of folders(root)) ACTS[kind](join(folder, 'file.x'));
};

/** Take note of events; resolves when there have been as many as changes. */
const collect = (events) => {
  const seen = new Map();
  const all = (async () => {
    let count = 0;
    for await (const { kind, name: event, env } of events) {
      if (kind !== 'event-emitted' || event !== 'file') continue;
      const [, change, match] = env.map((entry) => entry.slice(entry.indexOf('=') + 1));
      seen.set(match, [...(seen.get(match) ?? []), change]);
      count += 1;
      if (count === CHANGES) break;
    }
  })();
  return { seen, all };
};

const check = (seen) => {
  const wrong = [...seen].filter(([, changes]) => changes.join() !== KINDS.join());
  if (seen.size !== GLOBS || wrong.length > 0) throw new Error(`wrong for ${wrong.length} of ${seen.size} files`);
};

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, defer, directory }) => {
  const folder = directory();
  const [confDir, files, others] = ['conf', 'files', 'others'].map((part) => join(folder, part));
  for (const path of [confDir, ...folders(files), ...folders(others)]) mkdirSync(path, { recursive: true });
  for (const [index, path] of folders(files).entries()) {
    writeFileSync(join(confDir, `job-${index}.conf`), `start on file FILE=${path}/*.x\n`);
  }
  const { env } = await startDaemon({ folder, confDir, defer });
  await startBridge('file', { env, defer });
  const client = await connect(env.UPSTART_SESSION);
  defer(() => client.close());
  // From its first answer on a client hears what happens.
  await client.version();
  await compare({
    label: `${GLOBS} globs, ${CHANGES} changes`,
    rounds: 5,
    subject: {
      name: 'from the first change until the daemon has said that the last of the events is over; each once and in order',
      run: async () => {
        const { seen, all } = collect(client.events());
        const begun = performance.now();
        changeAll(files);
        await all;
        const took = performance.now() - begun;
        check(seen);
        return took;
      },
    },
    reference: {
      name: 'the same changes, seen by a bare inotify of the same process',
      run: async () => {
        let count = 0;
        let resolve;
        const promise = new Promise((done) => {
          resolve = done;
        });
        const inotify = watchInotify((events) => {
          count += events.length;
          // A creation is two events.
          if (count === CHANGES + GLOBS) resolve();
        });
        for (const path of folders(others)) inotify.add(path, ['create', 'close-write', 'delete']);
        const begun = performance.now();
        changeAll(others);
        await promise;
        const took = performance.now() - begun;
        inotify.close();
        return took;
      },
    },
  });
};
