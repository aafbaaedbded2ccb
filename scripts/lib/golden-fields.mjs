/** A job in the words of ../shared/corpus/golden.json. */

const UNLIMITED = -1;

const limitNumber = (value) => (value === 'unlimited' ? UNLIMITED : Number(value));

/** `debug` is missing on purpose: the original's dump always shows 0. So are control groups, which it drops. */
export const classFields = (definition) => ({
  apparmor_switch: definition.apparmorSwitch ?? null,
  author: definition.author ?? null,
  chdir: definition.chdir ?? null,
  chroot: definition.chroot ?? null,
  console: `CONSOLE_${(definition.console ?? 'log').toUpperCase()}`,
  description: definition.description ?? null,
  emits: definition.emits,
  env: definition.env,
  expect: `EXPECT_${definition.expect.toUpperCase()}`,
  export: definition.export,
  instance: definition.instance,
  kill_signal: definition.killSignal,
  kill_timeout: definition.killTimeoutSeconds,
  limits: Object.fromEntries(
    Object.entries(definition.limits)
      .map(([resource, { soft, hard }]) => [resource, { rlim_cur: limitNumber(soft), rlim_max: limitNumber(hard) }])
      .filter(([, { rlim_cur, rlim_max }]) => rlim_cur !== 0 || rlim_max !== 0),
  ),
  nice: definition.nice ?? -21,
  normalexit: definition.normalExit.map((status) => (status.kind === 'signalled' ? status.signal * 256 : status.code)),
  oom_score_adj: definition.oomScore ?? 0,
  process: Object.fromEntries(
    Object.entries(definition.processes).map(([role, { script, command }]) => [
      role,
      { command, script: script ? 1 : 0 },
    ]),
  ),
  reload_signal: definition.reloadSignal,
  respawn: definition.respawn ? 1 : 0,
  respawn_interval: definition.respawnLimit.intervalSeconds,
  respawn_limit: definition.respawnLimit.count,
  setgid: definition.setgid ?? null,
  setuid: definition.setuid ?? null,
  task: definition.task ? 1 : 0,
  umask: definition.umask ?? 0o022,
  usage: definition.usage ?? null,
  version: definition.version ?? null,
});

/** The D-Bus properties of an entry. @param {(operator: unknown) => unknown} toRpn */
export const propertyFields = (definition, toRpn) => ({
  start_on: toRpn(definition.startOn),
  stop_on: toRpn(definition.stopOn),
  emits: definition.emits,
  description: definition.description ?? '',
  author: definition.author ?? '',
  version: definition.version ?? '',
  usage: definition.usage ?? '',
});
