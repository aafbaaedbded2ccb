import { pythonValue } from './python-value.mjs';

const UPSTART = 'com.ubuntu.Upstart0_6';
const full = (name) => (name.startsWith('U.') ? `${UPSTART}${name.slice(1)}` : name);

/** `PATH INTERFACE.MEMBER(SIGNATURE)(ARGUMENTS) -> REPLY`; `U` is the interface of the manager. */
const CALL = /^(\/\S*) ([^\s(]+)\.(\w+)\(([^)]*)\)(\(.*?\)) -> (.*)$/s;
const SIGNAL = /^ {4}signal (\S+) ([^\s(]+)\.(\w+)(\(.*\))$/s;
const ERROR = /^ERROR (\S+?): (.*)$/s;

const readReply = (text) => {
  const error = ERROR.exec(text);
  return error === null ? { value: pythonValue(text) } : { error: error[1], message: error[2] };
};

const readCall = (line) => {
  const [, path, name, member, signature, args, reply] = CALL.exec(line);
  return {
    kind: 'call',
    title: `${path} ${member}${args}`,
    path,
    interface: full(name.replace(/^U$/, UPSTART)),
    member,
    signature,
    args: pythonValue(args),
    reply: readReply(reply),
    signals: [],
  };
};

const readSignal = (line) => {
  const [, path, name, member, args] = SIGNAL.exec(line);
  return { path, interface: full(name.replace(/^U$/, UPSTART)), member, args: pythonValue(args) };
};

const startsRecord = (line) => /^(?:\/|## |-- | {4}signal |init exit)/.test(line);

/** Lines that belong together: an error's text may be of several. */
const records = (text) => {
  const found = [];
  for (const line of text.split('\n')) {
    if (startsRecord(line)) found.push(line);
    else if (found.length > 0) found[found.length - 1] += `\n${line}`;
  }
  return found.map((record) =>
    record.replace(/\n+$/, (end) => (record.includes("doesn't exist") ? '\n' : end.slice(1))),
  );
};

/**
 * The steps of a recorded conversation, in order. A `call` has what was asked, the reply, and the signals that came until
 * the next step; a `section` (`## …`) and an `edit` (`-- …`) of the configuration have their name and signals.
 */
export const readTranscript = (text) => {
  const steps = [];
  for (const record of records(text)) {
    if (record.startsWith('## ')) steps.push({ kind: 'section', title: record.slice(3), signals: [] });
    else if (record.startsWith('-- ')) steps.push({ kind: 'edit', title: record.slice(3), signals: [] });
    else if (record.startsWith('    signal')) steps.at(-1).signals.push(readSignal(record));
    else if (record.startsWith('init exit')) steps.push({ kind: 'exit', title: record, signals: [] });
    else steps.push(readCall(record));
  }
  return steps;
};
