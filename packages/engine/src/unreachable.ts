/** The end of a switch that covers its union: a new member makes the call fail to compile. */
export const unreachable = (value: never): never => {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
};
