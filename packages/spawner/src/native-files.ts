import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

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

const folder = (name: string): URL => new URL(`../${name}/`, import.meta.url);

/** What was compiled here goes before what was compiled elsewhere; where nothing is, the first is named in the error. */
const chooseFolder = (): URL => {
  const built = folder('build');
  if (existsSync(new URL('maverick.node', built))) return built;
  const prebuilt = folder(`prebuilds/${prebuildName()}`);
  return existsSync(new URL('maverick.node', prebuilt)) ? prebuilt : built;
};

let chosen: URL | undefined;

/** The path of the addon or of one of the programs that lie beside it. */
export const nativeFile = (name: 'maverick.node' | 'spawn-helper' | 'log-process'): string => {
  chosen ??= chooseFolder();
  return fileURLToPath(new URL(name, chosen));
};
