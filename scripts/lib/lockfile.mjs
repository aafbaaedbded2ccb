/** Words in the names of binary packages, and what they say of the platform. */
const OS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const CPU = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32'];
const LIBC = { musl: 'musl', musleabihf: 'musl', gnu: 'glibc', gnueabihf: 'glibc' };

/** The platform that a binary package's name tells, such as `binding-linux-arm64-musl`. */
export const platformOf = (name) => {
  const words = name.slice(name.indexOf('/') + 1).split('-');
  const cpu = words.find((word) => CPU.includes(word));
  const os = words.find((word) => OS.includes(word));
  const libc = words.map((word) => LIBC[word]).find((word) => word !== undefined);
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(libc === undefined ? {} : { libc: [libc] }),
    ...(os === undefined ? {} : { os: [os] }),
  };
};

/** Optional dependencies that some package of the lock file names with an exact version and that are not in it. */
export const missingOptional = (packages) => {
  const missing = new Map();
  for (const [place, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(optionalDependencies)) {
      const known = `node_modules/${name}` in packages || `${place}/node_modules/${name}` in packages;
      if (!known && /^\d+\.\d+\.\d+/.test(range)) missing.set(name, { name, range });
    }
  }
  return [...missing.values()];
};
