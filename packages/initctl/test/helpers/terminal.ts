import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const INITCTL = fileURLToPath(new URL('../../bin/initctl.js', import.meta.url));

export interface TerminalRun {
  readonly status: number | null;
  /** All that the terminal got, newlines as `\n`. */
  readonly screen: string;
}

/** What is typed, or done and then typed, as soon as the terminal has shown something. */
export type Step = readonly [shown: RegExp | ((written: string) => boolean), keys: string | (() => string)];

const isShown = ([shown]: Step, written: string): boolean =>
  shown instanceof RegExp ? shown.test(written) : shown(written);

/**
 * Run a shell command in a terminal of its own, which script(1) makes; `$I` is initctl.
 * @param keys one after the other
 */
export const onTerminal = async (
  command: string,
  env: Readonly<Record<string, string>>,
  { columns = 80, keys = [] }: { readonly columns?: number; readonly keys?: readonly Step[] } = {},
): Promise<TerminalRun> => {
  const size = `stty cols ${columns} rows 24`;
  const child = spawn('script', ['-qec', `${size}; ${command}`, '/dev/null'], {
    env: { TERM: 'xterm-256color', LANG: 'C.UTF-8', SHELL: '/bin/sh', I: `${process.execPath} ${INITCTL}`, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  const waiting = [...keys];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    for (let [next] = waiting; next !== undefined && isShown(next, screen); [next] = waiting) {
      waiting.shift();
      child.stdin.write(typeof next[1] === 'string' ? next[1] : next[1]());
    }
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, screen: screen.replaceAll('\r\n', '\n') };
};
