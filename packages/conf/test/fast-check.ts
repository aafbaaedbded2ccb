import fc from 'fast-check';

/**
 * The same cases in every run, so that what fails has to do with what was changed. Others: `MAVERICK_SEED=N`, and
 * `npm run test:long`, which takes new ones each time and says which.
 */
fc.configureGlobal({ seed: Number(process.env['MAVERICK_SEED'] ?? 1) });

export { fc };
