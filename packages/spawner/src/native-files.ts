import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** How much of a program is looked at for the name of its loader, which stands near its beginning. */
const HEADER_BYTES = 4096;

/** Which libc this Node was made for, by the loader that it asks for: musl's is `/lib/ld-musl-ARCH.so.1`. */
const libcOf = (program: string): 'glibc' | 'musl' => {
  const header = Buffer.alloc(HEADER_BYTES);
  try {
    const fd = openSync(program, 'r');
    readSync(fd, header, 0, HEADER_BYTES, 0);
    closeSync(fd);
  } catch {
    // A Node that can't read itself is taken for the usual one.
  }
  return header.includes('/ld-musl-') ? 'musl' : 'glibc';
};

/**
 * The folder of prebuilt binaries that fit a machine: `linux-x64-glibc`.
 * @internal
 */
export const prebuildName = (arch: string = process.arch, program: string = process.execPath): string =>
  `linux-${arch}-${libcOf(program)}`;

// Paths rather than URLs: a client of the daemon starts in the time that Node takes for a few of those.
const folder = (name: string): string => join(import.meta.dirname, '..', name);

/** What was compiled here goes before what was compiled elsewhere; where nothing is, the first is named in the error. */
const chooseFolder = (): string => {
  const built = folder('build');
  if (existsSync(join(built, 'maverick.node'))) return built;
  const prebuilt = folder(`prebuilds/${prebuildName()}`);
  return existsSync(join(prebuilt, 'maverick.node')) ? prebuilt : built;
};

let chosen: string | undefined;

/** The path of the addon or of one of the programs that lie beside it. */
export const nativeFile = (name: 'maverick.node' | 'spawn-helper' | 'log-process'): string => {
  chosen ??= chooseFolder();
  return join(chosen, name);
};
