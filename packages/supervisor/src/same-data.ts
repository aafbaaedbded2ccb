type Pair = readonly [unknown, unknown];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The members of two objects or arrays, side by side; nothing where they can't be equal. */
const membersOf = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): Pair[] | undefined => {
  const keys = Object.keys(a);
  if (Array.isArray(a) !== Array.isArray(b) || keys.length !== Object.keys(b).length) return undefined;
  if (!keys.every((key) => Object.hasOwn(b, key))) return undefined;
  return keys.map((key) => [a[key], b[key]]);
};

/**
 * Whether two values of plain data are equal. Not recursive: an expression of a hundred thousand operators is a tree as
 * deep, and would overflow the stack.
 */
export const sameData = (left: unknown, right: unknown): boolean => {
  const pairs: Pair[] = [[left, right]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [a, b] = pair;
    if (Object.is(a, b)) continue;
    const members = isObject(a) && isObject(b) ? membersOf(a, b) : undefined;
    if (members === undefined) return false;
    for (const member of members) pairs.push(member);
  }
  return true;
};
