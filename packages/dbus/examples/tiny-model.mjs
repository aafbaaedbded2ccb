// The least that can stand behind `createServer`: one job that starts and stops at once, no process anywhere.
import { defineJob } from '@maverick/conf';
import { SYSTEM } from '@maverick/engine';

const cause = { input: 0 };
const ref = { session: SYSTEM, job: 'lamp', instance: '' };

/** @returns {import('@maverick/dbus').UpstartModel} */
export const tinyModel = () => {
  const listeners = new Set();
  let running = false;
  const instance = () => ({ ref, goal: 'start', state: 'running', processes: [], env: [] });
  const lamp = () => ({
    session: SYSTEM,
    name: 'lamp',
    definition: defineJob({ description: 'a light', startOn: { kind: 'match', name: 'dusk', args: [] } }),
    instances: running ? [instance()] : [],
  });
  const turn = (on) => {
    running = on;
    const change = on ? { from: 'spawned', to: 'running' } : { from: 'killed', to: 'waiting' };
    for (const listener of listeners) listener({ kind: 'state-changed', instance: ref, ...change, cause });
  };
  const command = ({ kind }, answer) => {
    const on = kind === 'start';
    if (on === running) {
      const [code, text] = on
        ? ['AlreadyStarted', 'is already running']
        : ['AlreadyStopped', 'has already been stopped'];
      return answer({ ok: false, code, message: `Job ${text}: lamp` });
    }
    turn(on);
    return answer({ ok: true, instance: ref });
  };
  return {
    version: 'init (upstart 1.13.2)',
    logPriority: 'message',
    setLogPriority: () => {},
    jobs: () => [lamp()],
    job: (name) => (name === 'lamp' ? lamp() : undefined),
    instance: (job, name) => (running && job === 'lamp' && name === '' ? instance() : undefined),
    instanceName: () => ({ ok: true, name: '' }),
    command,
    reload: (_job, _instance, answer) => answer({ ok: false, code: 'NotRunning', message: 'Job is not running: lamp' }),
    emit: (_event, answer) => answer({ ok: true }),
    reloadConfiguration: () => {},
    callerOf: () => undefined,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
