import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Simulator, SYSTEM } from '@maverick/engine';
import { definitionOf } from './engine.mjs';

const SERVICES = 50;
const BEGAN = Date.UTC(2026, 0, 1);

/** What the supervisor tells beside the engine: who was asked for, and whether it is there. */
const toldBySupervisor = (input, processes) => {
  const whose = processes.get(input.process);
  if (input.kind === 'process-started') return { kind: input.kind, ...whose, pid: input.pid };
  if (input.kind === 'process-exited') return { kind: 'process-ended', ...whose, status: input.status };
  return undefined;
};

/**
 * The journal of one life of a daemon, as the daemon writes it, for as many lines as are asked for: fifty services that are
 * started and stopped over and over. @returns the time of its end
 */
export const writeOneLife = (dir, lines) => {
  const fd = openSync(join(dir, 'journal.jsonl'), 'w');
  const simulator = new Simulator();
  const processes = new Map();
  let [written, inputs, effects] = [0, 0, 0];
  let pending = [];
  const write = (at, what, more) => {
    pending.push(JSON.stringify({ at, time: new Date(BEGAN + at).toISOString(), what, ...more }));
    written += 1;
  };
  const tellInput = (input) => {
    const { kind, ...told } = toldBySupervisor(input, processes) ?? {};
    if (kind !== undefined) write(input.at, kind, told);
    write(input.at, 'input', { session: SYSTEM, number: inputs + 1, input });
  };
  const tellEffect = (at, { kind, instance, definition: _definition, env, ...rest }) => {
    if (kind === 'log') return;
    if (kind === 'spawn') processes.set(rest.process, { ...instance, role: rest.role });
    write(at, kind, { ...instance, ...rest, ...(kind === 'spawn' ? {} : { env }) });
  };
  const tell = () => {
    while (effects < simulator.timeline.length || inputs < simulator.inputs.length) {
      const { at, effect } = simulator.timeline[effects] ?? {};
      // What followed from an input names it.
      if (effect === undefined || (effect.cause?.input ?? 0) > inputs) {
        tellInput(simulator.inputs[inputs]);
        inputs += 1;
      } else {
        tellEffect(at, effect);
        effects += 1;
      }
    }
    writeSync(fd, `${pending.join('\n')}\n`);
    pending = [];
  };
  write(0, 'began', { pid: 1, continued: false, inputs: 0, options: {} });
  for (let index = 0; index < SERVICES; index += 1) {
    simulator.define(`job${index}`, definitionOf(`start on up${index % 5}\nstop on down${index % 5}\nexec /bin/x`));
  }
  for (let at = 10; written < lines; at += 10) {
    const name = `${at % 20 === 0 ? 'down' : 'up'}${((at / 20) % 5) | 0}`;
    simulator.schedule({ kind: 'emit', session: SYSTEM, name, env: [] }, at);
    simulator.runUntil(at);
    tell();
  }
  closeSync(fd);
  return new Date(BEGAN + simulator.now).toISOString();
};
