import { PROCESS_ROLES } from '@maverick/conf';
import type { Instance } from './instance.js';
import type { JobClass } from './job-class.js';
import type { InstanceView, JobView, ProcessView } from './view.js';
import type { World } from './world.js';

const viewProcesses = (world: World, { processes }: Instance): ProcessView[] =>
  PROCESS_ROLES.flatMap((role) => {
    const process = world.processes.get(processes.get(role) ?? 0);
    if (!process) return [];
    return { role, process: process.id, ...(process.pid === undefined ? {} : { pid: process.pid }) };
  });

export const viewInstance = (world: World, instance: Instance): InstanceView => ({
  ref: instance.ref,
  goal: instance.goal,
  state: instance.state,
  processes: viewProcesses(world, instance),
  env: instance.env,
});

export const viewClass = (world: World, jobClass: JobClass): JobView => ({
  session: jobClass.session,
  name: jobClass.name,
  definition: jobClass.definition.conf,
  instances: [...jobClass.instances.values()].map((instance) => viewInstance(world, instance)),
});
