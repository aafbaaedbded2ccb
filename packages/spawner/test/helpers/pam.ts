import { chmodSync, existsSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Run } from './run.js';

/** Who has the tools for it: root, on a machine with PAM. */
export const hasPam = process.getuid?.() === 0 && existsSync('/etc/pam.d');

const FOLDER = '/etc/pam.d';

let count = 0;
const services: string[] = [];

/** A PAM service for one test. What `lines` do not say is permitted. */
export const makeService = (...lines: readonly string[]): string => {
  count += 1;
  const service = `maverick-test-${process.pid}-${count}`;
  const permit = ['auth', 'account', 'session']
    .filter((kind) => !lines.some((line) => line.startsWith(kind)))
    .map((kind) => `${kind} required pam_permit.so`);
  writeFileSync(`${FOLDER}/${service}`, `${[...lines, ...permit].join('\n')}\n`);
  services.push(service);
  return service;
};

export const removeServices = (): void => {
  for (const service of services.splice(0)) rmSync(`${FOLDER}/${service}`);
};

/** A script of the test's folder. */
export const makeScript = (run: Run, name: string, ...lines: readonly string[]): string => {
  writeFileSync(run.path(name), ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(run.path(name), 0o755);
  return run.path(name);
};

/**
 * A service that records what is done to its sessions, one line each: `open_session daemon for root`. The keeper's pid is
 * in the file `keeper`.
 */
export const makeRecorder = (run: Run, ...more: readonly string[]): string => {
  const script = makeScript(
    run,
    'record-session',
    `echo $PPID > ${run.path('keeper')}`,
    `echo "$PAM_TYPE $PAM_USER for $PAM_RUSER" >> ${run.path('record')}`,
  );
  return makeService(`session required pam_exec.so ${script}`, ...more);
};

/** The lines of a file, once something is true of them. */
export const lines = (path: string, isReady: (lines: readonly string[]) => boolean): Promise<readonly string[]> =>
  new Promise((resolve) => {
    const look = (): void => {
      const found = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
      if (!isReady(found)) return;
      watcher.close();
      resolve(found);
    };
    const watcher = watch(dirname(path), look);
    look();
  });

/** What was done to the sessions of a recorder, once `count` lines are there. */
export const recorded = (run: Run, wanted: number): Promise<readonly string[]> =>
  lines(run.path('record'), (found) => found.length >= wanted);

/** Wait for the end of a process of which no news is told. */
export const gone = async (pid: number): Promise<void> => {
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setImmediate(resolve));
};
