import { setFlagsFromString } from 'node:v8';

/**
 * Keep the part of the heap where new objects are made as small as it begins: a daemon lives long and makes little garbage.
 * V8 would double it up to 16 MiB (and as much again to copy to) while jobs are loaded and started, and not give it back.
 */
export const keepYoungHeapSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1');
