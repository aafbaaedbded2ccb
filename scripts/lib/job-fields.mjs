/** A job in the words of ../shared/spec/config-cases.json: one function for each field of `expect.job`. */

const statusNumber = (status) => (status.kind === 'signalled' ? status.signal * 256 : status.code);

/** @param {(operator: unknown) => unknown} toRpn */
export const jobFields = (definition, toRpn) => {
  const expression = (operator) => (operator ? toRpn(operator) : null);
  return {
    description: definition.description ?? null,
    author: definition.author ?? null,
    version: definition.version ?? null,
    usage: definition.usage ?? null,
    instance: definition.instance,
    env: definition.env,
    export: definition.export,
    emits: definition.emits,
    startOn: expression(definition.startOn),
    stopOn: expression(definition.stopOn),
    processes: definition.processes,
    task: definition.task,
    respawn: definition.respawn,
    respawnLimit: definition.respawnLimit.count,
    respawnInterval: definition.respawnLimit.intervalSeconds,
    expect: definition.expect,
    killTimeout: definition.killTimeoutSeconds,
    killSignal: definition.killSignal,
    reloadSignal: definition.reloadSignal,
    normalExit: definition.normalExit.map(statusNumber),
    console: definition.console ?? 'log',
    umask: (definition.umask ?? 0o022).toString(8).padStart(3, '0'),
    nice: definition.nice ?? null,
    oomScoreAdj: definition.oomScore ?? 0,
    limits: Object.fromEntries(
      Object.entries(definition.limits).map(([resource, { soft, hard }]) => [resource, [soft, hard]]),
    ),
    chroot: definition.chroot ?? null,
    chdir: definition.chdir ?? null,
    setuid: definition.setuid ?? null,
    setgid: definition.setgid ?? null,
    debug: definition.debug,
    apparmorSwitch: definition.apparmorSwitch ?? null,
    cgroups: definition.cgroups,
  };
};
