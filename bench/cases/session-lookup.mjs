import { mkdirSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Supervisor } from '@maverick/supervisor';
import { timed } from '../lib/measure.mjs';

export const name = 'session-lookup';
export const description = '10,000 look-ups of the session of a caller, among 1 and 100 chroots';

const LOOK_UPS = 10_000;
const ROUNDS = 7;
const SIZES = [1, 100];

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, directory }) => {
  for (const size of SIZES) {
    const roots = Array.from({ length: size }, () => {
      const root = realpathSync(directory());
      mkdirSync(join(root, 'etc/init'), { recursive: true });
      return root;
    });
    const supervisor = new Supervisor({ confDirs: [], watch: false, sessions: { chroots: true } });
    try {
      for (const root of roots) supervisor.openSession({ kind: 'chroot', root });
      const lookUp = (index) => {
        const { ok } = supervisor.contact({ uid: 0, root: roots[index % size] });
        if (!ok) throw new Error('there is no session');
      };
      await compare({
        label: `${size} sessions`,
        rounds: ROUNDS,
        subject: {
          name: `Supervisor.contact(), ${LOOK_UPS} times`,
          run: () =>
            timed(() => {
              for (let index = 0; index < LOOK_UPS; index += 1) lookUp(index);
            }),
        },
        reference: {
          name: 'readlink of /proc/self/root, as often: what telling the root of a caller takes before',
          run: () =>
            timed(() => {
              for (let index = 0; index < LOOK_UPS; index += 1) readlinkSync('/proc/self/root');
            }),
        },
      });
    } finally {
      await supervisor.close();
    }
  }
};
