import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const schema = JSON.parse(readFileSync(new URL('../../../../docs/json.schema.json', import.meta.url), 'utf8')) as {
  readonly $defs: Readonly<Record<string, unknown>>;
};
const ajv = new Ajv2020({ strict: true });
ajv.addSchema(schema, 'answers');

/** The commands whose answers the schema tells of, and what these are made of. */
export const SCHEMA_NAMES = Object.keys(schema.$defs);

/** What is wrong with an answer by the schema. @returns null: nothing; undefined: the schema has no such command */
export const schemaErrors = (command: string, answer: string): unknown => {
  const validate = ajv.getSchema(`answers#/$defs/${command}`);
  return validate?.(JSON.parse(answer)) === true ? null : validate?.errors;
};
