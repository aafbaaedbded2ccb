import { isatty } from 'node:tty';
import { connectTo } from './connection.js';
import { writeTo } from './output.js';
import { runProgram } from './program.js';

const [, path = 'initctl', ...argumentList] = process.argv;

runProgram(path, argumentList, {
  env: process.env,
  uid: process.getuid?.() ?? 0,
  stdout: writeTo(1),
  stderr: writeTo(2),
  terminalColumns: () => process.stdout.columns,
  isTerminal: isatty,
  connect: connectTo,
}).then((status) => {
  // All output is written and the connection is closed; nothing that is still open may delay the end.
  process.exit(status);
});
