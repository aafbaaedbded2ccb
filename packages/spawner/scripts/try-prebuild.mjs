// Starts a process with each program of the prebuilt binaries of this machine: fails where one does not fit.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spawner } from '@maverick/spawner';

const folder = mkdtempSync(join(tmpdir(), 'maverick-try-'));
const path = join(folder, 'log');
const failed = (why) => {
  console.error(why);
  process.exit(1);
};
const spawner = new Spawner({
  onChild: ({ kind, code }) => {
    const said = readFileSync(path, 'utf8');
    spawner.close();
    rmSync(folder, { recursive: true });
    if (kind !== 'exited' || code !== 7 || said !== 'said\n') failed(`${kind} ${code}: ${said}`);
    console.log(`linux-${process.arch}, Node ${process.version}: works`);
  },
  onWarning: ({ message }) => failed(message),
});
const result = spawner.spawn({ argv: ['/bin/sh', '-c', 'echo said; exit 7'], env: [], console: { kind: 'log', path } });
if (!result.ok) failed(result.error.message);
