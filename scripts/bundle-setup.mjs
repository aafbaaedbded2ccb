// Before vitest's tests: bundle what has been compiled since the last time.
export { bundlePrograms as setup } from './lib/bundle.mjs';
