/** Messages to bytes and back. */
export { BodyError, type Decoded, decode } from './decode.js';
export { type Encoded, encode, stampSerial } from './encode.js';
export { HEAD_BYTES, messageSize } from './message-header.js';
