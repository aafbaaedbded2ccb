import { constants } from 'node:os';
import { defineJob, type ExitStatus, type JobDefinition } from '@maverick/conf';
import { SYSTEM } from '@maverick/engine';
import type { Supervisor, SupervisorEventOf, SupervisorListener } from '@maverick/supervisor';

/** What the daemon runs for: a job of the files, or a command of its own command line. */
export type ProgramOptions =
  | { readonly kind: 'job'; readonly name: string }
  | { readonly kind: 'command'; readonly argv: readonly string[] };

/** The job that a command of the command line is. */
const COMMAND_JOB = 'command';

/** Exit statuses that shells and container runtimes give. @see exit status in sh(1p) */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
const FAILED = 1;

/** As a shell has it in `$?`. */
const shellStatus = (status: ExitStatus): number => (status.kind === 'exited' ? status.code : 128 + status.signal);

const commandJob = (argv: readonly string[]): JobDefinition =>
  defineJob({
    description: 'The command that the daemon was started with',
    console: 'owner',
    processes: { main: { script: false, command: argv.join(' '), argv } },
  });

/** The program that the daemon runs for: when it is over, so is everything else. */
export class Program {
  readonly name: string;
  readonly #options: ProgramOptions;
  #status: number | undefined;
  #isOver = false;
  #tell: () => void = () => {};
  /** Settles when the program has ended for good. */
  readonly ended: Promise<void>;

  /** @param status what a daemon before this one in the same process knew of how it ended */
  constructor(options: ProgramOptions, status?: number) {
    this.#options = options;
    this.#status = status;
    this.name = options.kind === 'job' ? options.name : COMMAND_JOB;
    this.ended = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  /** The exit status that the daemon is to have, as of now; undefined where nothing has ended. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Before the supervisor starts. */
  define(supervisor: Supervisor): void {
    if (this.#options.kind === 'command') supervisor.defineJob(this.name, commandJob(this.#options.argv));
    supervisor.subscribe(this.#listener);
  }

  /** After it has. The startup event may have done it already; one that goes on may have come to its end. */
  start(supervisor: Supervisor, warn: (message: string) => void): void {
    if (this.#isOver) return;
    supervisor.request({ kind: 'start', job: this.name, env: [] }, (answer) => {
      if (answer.ok || answer.code === 'AlreadyStarted' || answer.code === 'JobFailed') return;
      warn(answer.message);
      this.#status = NOT_FOUND;
      this.#end();
    });
  }

  /** Stop it before everything else, and wait until it is over, or for so long. */
  async stop(supervisor: Supervisor, withinMs: number | undefined): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      if (withinMs !== undefined) timer = setTimeout(resolve, withinMs);
    });
    const unstoppable = new Promise<void>((resolve) => {
      supervisor.request({ kind: 'stop', job: this.name, env: [] }, (answer) => {
        if (!answer.ok && answer.code !== 'AlreadyStopped') resolve();
      });
    });
    await Promise.race([this.ended, late, unstoppable]);
    clearTimeout(timer);
  }

  /** Send a signal to the main process, or its group. What has no process gets none. */
  signal(supervisor: Supervisor, signal: number, group: boolean): void {
    const pid = supervisor.job(this.name)?.instances[0]?.processes.find(({ role }) => role === 'main')?.pid;
    if (pid !== undefined) process.kill(group ? -pid : pid, signal);
  }

  readonly #listener: SupervisorListener = (event) => {
    if (!('instance' in event) || event.instance?.job !== this.name || event.instance.session !== SYSTEM) return;
    switch (event.kind) {
      case 'process-started':
        if (event.role === 'main') this.#status = undefined;
        break;
      case 'process-ended':
        this.#processEnded(event);
        break;
      case 'spawn-failed':
        this.#spawnFailed(event);
        break;
      case 'job-failed':
        this.#status ??= FAILED;
        break;
      case 'instance-removed':
        this.#end();
        break;
      default:
    }
  };

  #end(): void {
    this.#isOver = true;
    this.#tell();
  }

  #spawnFailed({ role, failure }: SupervisorEventOf<'spawn-failed'>): void {
    if (role === 'main') this.#status = failure.errno === constants.errno.ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
  }

  /** What counts is how the main process ended; before there was one, what has hindered it. */
  #processEnded({ role, status }: SupervisorEventOf<'process-ended'>): void {
    if (status.kind === 'unknown') return;
    const code = shellStatus(status);
    if (role === 'main' || (role === 'pre-start' && code !== 0)) this.#status = code;
  }
}
