import { canonical } from './json.mjs';

/** Calls whose answer has no order. */
const UNORDERED = new Set(['GetAllJobs', 'GetAllInstances', 'ListEnv']);

/** Processes without their numbers. */
const withoutPids = (value) => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  if (!('processes' in value)) return value;
  return { ...value, processes: value.processes.map(([role]) => role) };
};

const ELEMENTS = /<(interface|method|signal|property|arg|node) ([^>]*?)\/?>/g;

/** Introspection data as a set of lines: each element after the interface and member that it is in. */
const introspected = (xml) => {
  const lines = [];
  let [owner, member] = ['', ''];
  for (const [, element, attributes] of xml.matchAll(ELEMENTS)) {
    if (element === 'interface') [owner, member] = [attributes, ''];
    else if (element !== 'arg' && element !== 'node') member = attributes;
    if (element === 'node') lines.push(`node ${attributes}`);
    else if (!owner.includes('org.maverick.')) lines.push(`${owner} ${member} ${element} ${attributes}`);
  }
  return lines.sort();
};

const introspectionDifferences = (expected, got) => {
  const [wanted, found] = [introspected(expected), introspected(got)].map((lines) => new Set(lines));
  return [
    ...[...wanted].filter((line) => !found.has(line)).map((line) => `introspection lacks ${line}`),
    ...[...found].filter((line) => !wanted.has(line)).map((line) => `introspection has ${line}`),
  ];
};

const comparable = ({ member }, value) => {
  if (UNORDERED.has(member)) return value.toSorted();
  return withoutPids(value);
};

const showReply = (step, { error, message, value }) =>
  error === undefined ? canonical(comparable(step, value)) : `${error}: ${message}`;

const replyDifferences = (step, found) => {
  if (step.member === 'Introspect' && found.reply.error === undefined) {
    return introspectionDifferences(step.reply.value, found.reply.value);
  }
  const [expected, got] = [showReply(step, step.reply), showReply(step, found.reply)];
  return expected === got ? [] : [`reply: expected ${expected}, got ${got}`];
};

const byPath = (signals) => {
  const paths = new Map();
  for (const { path, member, args } of signals) {
    paths.set(path, [...(paths.get(path) ?? []), `${member}${canonical(args)}`]);
  }
  return paths;
};

const signalDifferences = (step, found) => {
  const [expected, got] = [byPath(step.signals), byPath(found.signals)];
  return [...new Set([...expected.keys(), ...got.keys()])].flatMap((path) => {
    const [wanted, heard] = [expected.get(path) ?? [], got.get(path) ?? []].map((list) => list.join(' '));
    return wanted === heard ? [] : [`signals of ${path}: expected ${wanted}, got ${heard}`];
  });
};

/** What differs in one step of a conversation, as sentences. */
export const differencesOf = (step, found) => [
  ...(step.kind === 'call' ? replyDifferences(step, found) : []),
  ...(step.kind === 'exit' && found.exit !== step.title ? [`expected ${step.title}, got ${found.exit}`] : []),
  ...signalDifferences(step, found),
];
