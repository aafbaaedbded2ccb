import { fstatSync } from 'node:fs';
import type { StandardFd } from './command.js';
import { connectTo } from './connection.js';
import { writeTo } from './output.js';
import { runProgram } from './program.js';

const [, path = 'initctl', ...argumentList] = process.argv;

/** `/dev/null` and its kin. */
const MEMORY_DEVICES = 1;

/** Scripts have no terminal: they are spared `node:tty`, which loads a third of Node's library. */
const mayBeTerminal = (fd: StandardFd): boolean => {
  try {
    const status = fstatSync(fd);
    return status.isCharacterDevice() && status.rdev >> 8 !== MEMORY_DEVICES;
  } catch {
    return false;
  }
};

/** Node's own streams, whose settings of a terminal only Node takes back, are used where there is a terminal, and nowhere else. */
let onTerminal = false;
const isTerminal = (fd: StandardFd): boolean => {
  const answer = mayBeTerminal(fd) && process.getBuiltinModule('node:tty').isatty(fd);
  onTerminal ||= answer;
  return answer;
};

let isConnected = false;

/** Somebody wants to know of Node's end what is told there: a profile, coverage. */
const isObserved = (): boolean =>
  process.execArgv.length > 0 || 'NODE_OPTIONS' in process.env || 'NODE_V8_COVERAGE' in process.env;

/** All output is written and the connection is closed: nothing that is still open, nor Node itself, may delay the end. */
const end = async (status: number): Promise<never> => {
  if (!isConnected || onTerminal || isObserved()) process.exit(status);
  const { exitNow } = await import('@maverick/spawner/unix-sockets');
  return exitNow(status);
};

runProgram(path, argumentList, {
  env: process.env,
  uid: process.getuid?.() ?? 0,
  stdout: writeTo(1),
  stderr: writeTo(2),
  terminalColumns: () => (isTerminal(1) ? process.stdout.columns : undefined),
  isTerminal,
  connect: async (init) => {
    const client = await connectTo(init);
    isConnected = true;
    return client;
  },
}).then(end);
