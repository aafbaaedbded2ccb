import { answerPlainly, type Call, demand, notSupported } from './call.js';
import { dbusError } from './error-names.js';
import type { MethodTable } from './implementation.js';
import type { MANAGER } from './interfaces.js';
import type { EnvironmentModel, EnvironmentTarget, UpstartModel } from './model.js';
import { findSubject, unknownJobInstance } from './subject.js';

type EnvironmentMethod = 'GetEnv' | 'SetEnv' | 'SetEnvList' | 'UnsetEnv' | 'UnsetEnvList' | 'ListEnv' | 'ResetEnv';

/** `job_details`: nothing for the global table, or a job and an instance that exist. */
const targetOf = (model: UpstartModel, details: readonly string[]): EnvironmentTarget => {
  const found = findSubject(model, details);
  switch (found.kind) {
    case 'none':
      return undefined;
    case 'job':
      throw unknownJobInstance(found.job.name);
    case 'instance':
      return { job: found.job.name, instance: found.instance.ref.instance };
  }
};

const tables = ({ model }: Call, member: EnvironmentMethod): EnvironmentModel => {
  if (!model.environment) throw notSupported(member);
  return model.environment;
};

/** The tables, for somebody who wants to change them. */
const changeableTables = (call: Call, member: EnvironmentMethod): EnvironmentModel => {
  demand(!call.model.isSystemInit, 'PermissionDenied', 'Not permissible to modify PID 1 job environment');
  return tables(call, member);
};

/** A bare name means that the variable is set to nothing. */
const assignment = (variable: string): string => (variable.includes('=') ? variable : `${variable}=`);

/** No name at all is passed over in silence, as the original does. */
const assignments = (variables: readonly string[]): string[] =>
  variables.filter((variable) => variable !== '').map(assignment);

/** The methods that read and change job environment tables. */
export const environmentMethods: Pick<MethodTable<typeof MANAGER, Call>, EnvironmentMethod> = {
  GetEnv: (call, [details, name], answer) => {
    const table = tables(call, 'GetEnv');
    demand(name !== '', 'InvalidArgs', 'Variable may not be empty string');
    const entry = table.list(targetOf(call.model, details)).find((variable) => variable.startsWith(`${name}=`));
    if (entry === undefined) throw dbusError('InvalidArgs', `No such variable: ${name}`);
    answer(entry.slice(name.length + 1));
  },
  SetEnv: (call, [details, variable, replace], answer) =>
    changeableTables(call, 'SetEnv').set(
      assignments([variable]),
      replace,
      targetOf(call.model, details),
      answerPlainly(answer),
    ),
  SetEnvList: (call, [details, variables, replace], answer) =>
    changeableTables(call, 'SetEnvList').set(
      assignments(variables),
      replace,
      targetOf(call.model, details),
      answerPlainly(answer),
    ),
  UnsetEnv: (call, [details, name], answer) =>
    changeableTables(call, 'UnsetEnv').unset([name], targetOf(call.model, details), answerPlainly(answer)),
  UnsetEnvList: (call, [details, names], answer) =>
    changeableTables(call, 'UnsetEnvList').unset(names, targetOf(call.model, details), answerPlainly(answer)),
  ListEnv: (call, [details], answer) => answer(tables(call, 'ListEnv').list(targetOf(call.model, details))),
  ResetEnv: (call, [details], answer) =>
    changeableTables(call, 'ResetEnv').reset(targetOf(call.model, details), answerPlainly(answer)),
};
