/** 32-bit multiplication, unsigned. */
const multiply = (a: number, b: number): number => Math.imul(a, b) >>> 0;

const FACTOR = 0x5bd1e995;

/**
 * MurmurHash2 with seed 0, as udev marks its messages with.
 * @see https://github.com/aappleby/smhasher (public domain)
 */
export const murmurHash2 = (data: Uint8Array): number => {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let hash = data.length >>> 0;
  let at = 0;
  for (; data.length - at >= 4; at += 4) {
    let word = multiply(view.getUint32(at, true), FACTOR);
    word = multiply(word ^ (word >>> 24), FACTOR);
    hash = (multiply(hash, FACTOR) ^ word) >>> 0;
  }
  const rest = data.subarray(at);
  for (let i = rest.length - 1; i >= 0; i--) hash = (hash ^ ((rest[i] ?? 0) << (8 * i))) >>> 0;
  if (rest.length > 0) hash = multiply(hash, FACTOR);
  hash = multiply(hash ^ (hash >>> 13), FACTOR);
  return (hash ^ (hash >>> 15)) >>> 0;
};
