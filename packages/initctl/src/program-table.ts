import type { Program } from './command.js';
import { SCRIPTS } from './scripts.js';
import { SYSTEM_V_PROGRAMS } from './system-v-programs.js';

/** Every program beside `initctl` and the commands that are programs, too. */
export const PROGRAMS = { ...SYSTEM_V_PROGRAMS, ...SCRIPTS } as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof PROGRAMS;

/** Is this the name of such a program? */
export const isProgramName = (name: string): name is ProgramName => Object.hasOwn(PROGRAMS, name);
