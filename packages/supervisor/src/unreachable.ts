/** The end of a switch that handles every member of a union: a new member fails to compile here. */
export const unreachable = (value: never): never => {
  throw new Error(`Not expected: ${JSON.stringify(value)}`);
};
