import { endianness } from 'node:os';

/** What an init of System V reads from its pipe. @see initctl.h of sysvinit */
const REQUEST_SIZE = 384;
const MAGIC = 0x03091969;
const CHANGE_LEVEL = 1;
/** How long processes have between SIGTERM and SIGKILL. */
const SLEEP_SECONDS = 5;

/** Ask for a level: four numbers of the machine's byte order, and nothing else. */
export const levelRequest = (level: string): Uint8Array => {
  const bytes = new Uint8Array(REQUEST_SIZE);
  const view = new DataView(bytes.buffer);
  const numbers = [MAGIC, CHANGE_LEVEL, level.charCodeAt(0), SLEEP_SECONDS];
  for (const [index, value] of numbers.entries()) view.setInt32(4 * index, value, endianness() === 'LE');
  return bytes;
};
