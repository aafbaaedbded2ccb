import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Spawner } from '@maverick/spawner';

export const name = 'spawn-helper';
export const description =
  'start and wait of /bin/true as another user, by the helper program and without it; needs root';

const ROUNDS = 9;
const PROCESSES = 100;

const SPEC = { argv: ['/bin/true'], env: [], console: { kind: 'none' }, user: 'daemon', cwd: '/' };

/** Starts processes one after the other, each when the one before has ended. */
const createRunner = (defer) => {
  const ends = new Map();
  // The reference of other cases uses child_process.
  const spawner = new Spawner({ reapStrangers: false, onChild: ({ pid }) => ends.get(pid)?.() });
  defer(() => spawner.close());
  const ended = (pid) => new Promise((resolve) => ends.set(pid, resolve));
  const checked = (result) => {
    if (!result.ok) throw new Error(result.error.message);
    return result.pid;
  };
  const timed = async (start) => {
    const begun = performance.now();
    for (let count = 0; count < PROCESSES; count++) await ended(checked(await start(spawner)));
    return performance.now() - begun;
  };
  return timed;
};

const writeService = (defer) => {
  const service = `maverick-bench-${process.pid}`;
  const path = `/etc/pam.d/${service}`;
  writeFileSync(path, ['auth', 'account', 'session'].map((kind) => `${kind} required pam_permit.so\n`).join(''));
  defer(() => rmSync(path));
  return service;
};

/** Whether `start` asks for the user by the helper here: the files are not the only name service. */
const hasNameServices = () => /^(passwd|group):\s*files\s+\w/m.test(readFileSync('/etc/nsswitch.conf', 'utf8'));

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, defer }) => {
  if (process.getuid() !== 0) throw new Error('this case needs root: it starts processes as another user');
  const timed = createRunner(defer);
  const reference = {
    name: `Spawner.spawn of ${PROCESSES} processes, one after the other`,
    run: () => timed((spawner) => spawner.spawn(SPEC)),
  };
  const measure = (label, spec) =>
    compare({
      label,
      rounds: ROUNDS,
      subject: { name: 'the same by Spawner.start', run: () => timed((spawner) => spawner.start(spec)) },
      reference,
    });
  if (hasNameServices()) await measure('name services', SPEC);
  await measure('PAM session', { ...SPEC, pamService: writeService(defer) });
};
