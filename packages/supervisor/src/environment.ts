/** What a job of the system's init gets from its environment; a session's gets everything. */
const SYSTEM_VARIABLES = ['PATH', 'TERM'] as const;

/**
 * The job environment table at the start: `PATH` and `TERM`, and in session mode all the rest of `source`.
 * @see spec: engine.md 4.1
 */
export const jobEnvironment = (
  source: Readonly<Record<string, string | undefined>>,
  sessionMode: boolean,
): string[] => {
  const names = sessionMode ? new Set([...SYSTEM_VARIABLES, ...Object.keys(source)]) : SYSTEM_VARIABLES;
  return [...names].flatMap((name) => {
    const value = source[name];
    return value === undefined ? [] : [`${name}=${value}`];
  });
};
