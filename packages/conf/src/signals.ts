/**
 * The signals that a job file may name, with the numbers of Linux on x86 and ARM. Real-time signals have no names here.
 * Where two names share a number the first is the canonical one.
 *
 * @see init(5), `kill signal`; signal(7)
 */
export const SIGNALS = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
} as const satisfies Record<string, number>;
/** A signal's name without `SIG`. */
export type SignalName = keyof typeof SIGNALS;

/** The highest signal number of Linux, real-time signals included. */
export const MAX_SIGNAL = 64;

const NUMBER_OF = new Map<string, number>(Object.entries(SIGNALS));
const NAME_OF = new Map<number, SignalName>();
for (const [name, number] of Object.entries(SIGNALS)) {
  // The keys of SIGNALS are the names, which Object.entries widens to string.
  if (!NAME_OF.has(number)) NAME_OF.set(number, name as SignalName);
}

/**
 * The number of a signal from its name: upper case, with or without one `SIG` in front.
 * @returns `undefined` for anything else, numbers included
 */
export const signalNumber = (name: string): number | undefined =>
  NUMBER_OF.get(name.startsWith('SIG') ? name.slice(3) : name);

/** The canonical name of a signal without `SIG`, as `EXIT_SIGNAL` and the log show it; `undefined` if it has none. */
export const signalName = (number: number): SignalName | undefined => NAME_OF.get(number);
