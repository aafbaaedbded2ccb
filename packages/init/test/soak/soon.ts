/** Nothing that is asked at random takes that long; a busy machine takes its time. */
const PATIENCE_MS = 60_000;

/**
 * What `promise` brings, if it comes in time: what never comes shall be told by its name, not by the end of the whole test.
 *
 * @param what what is waited for, asked only when it did not come
 * @throws Error that names it, after a minute
 */
export const soon = async <T>(promise: Promise<T>, what: () => string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not come within ${PATIENCE_MS / 1000} s: ${what()}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};
