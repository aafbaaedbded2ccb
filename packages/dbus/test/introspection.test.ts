import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  INIT1,
  INIT1_INSTANCE,
  INIT1_JOB,
  INTROSPECTABLE,
  type InterfaceDefinition,
  JOB_CLASS,
  JOB_INSTANCE,
  MANAGER,
  PROPERTIES,
} from '../src/interfaces.js';
import { introspect } from '../src/introspection.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { serve } from './helpers/serving.js';

const fake = () => new FakeModel().add('web', {}, [instanceView('web'), instanceView('web', 'a b')]).add('a-b');

const live = async (path: string): Promise<string> => {
  const client = await serve(fake()).client();
  return String((await client.rawCall(path, 'org.freedesktop.DBus.Introspectable', 'Introspect'))[0]);
};

const attributes = (text: string): Record<string, string> =>
  Object.fromEntries(Array.from(text.matchAll(/(\w+)="([^"]*)"/g), ([, key, value]) => [key, value]));

/** The members of an interface as one line each, read from introspection data by no code of the package. */
const members = (xml: string, name: string): string[] => {
  const [, text = ''] = new RegExp(`<interface name="${name}">(.*?)</interface>`, 's').exec(xml) ?? [];
  let member = '';
  return Array.from(text.matchAll(/<(\/?)(\w+)([^>]*)>/g)).flatMap(([, closing, tag = '', rest = '']) => {
    const { name, type, direction, access } = attributes(rest);
    if (closing) return [];
    if (tag === 'property') return [`property ${name} ${type} ${access}`];
    if (tag === 'arg') return [`${member} ${direction ?? 'out'} ${name} ${type}`];
    member = `${tag} ${name}`;
    return [member];
  });
};

/** The same lines from the table. */
const tabled = ({ methods, signals, properties }: InterfaceDefinition): string[] => [
  ...Object.entries(methods).flatMap(([name, method]) => [
    `method ${name}`,
    ...method.in.map(([arg, type]) => `method ${name} in ${arg} ${type}`),
    ...method.out.map(([arg, type]) => `method ${name} out ${arg} ${type}`),
  ]),
  ...Object.entries(signals).flatMap(([name, args]) => [
    `signal ${name}`,
    ...args.map(([arg, type]) => `signal ${name} out ${arg} ${type}`),
  ]),
  ...Object.entries(properties).map(([name, { type, access }]) => `property ${name} ${type} ${access}`),
];

const OBJECTS = [
  ['/com/ubuntu/Upstart', MANAGER],
  ['/com/ubuntu/Upstart', INIT1],
  ['/com/ubuntu/Upstart/jobs/web', JOB_CLASS],
  ['/com/ubuntu/Upstart/jobs/web', INIT1_JOB],
  ['/com/ubuntu/Upstart/jobs/web/_', JOB_INSTANCE],
  ['/com/ubuntu/Upstart/jobs/web/_', INIT1_INSTANCE],
] as const;

test.each(OBJECTS)('%s shows every member that is there to call', async (path, definition) => {
  const lines = members(await live(path), definition.name);
  expect(lines).toEqual(tabled(definition));
  expect(lines.length).toBeGreaterThan(0);
});

test.each(OBJECTS)('the shipped introspection file is what %s shows', (_, definition) => {
  const file = new URL(`../introspection/${definition.name}.xml`, import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(introspect({ interfaces: [definition], children: [] }));
});

test.for([
  ['com.ubuntu.Upstart.xml', MANAGER],
  ['com.ubuntu.Upstart.Job.xml', JOB_CLASS],
  ['com.ubuntu.Upstart.Instance.xml', JOB_INSTANCE],
] as const)("the members are those of the original's %s", ([name, definition], { skip }) => {
  const file = new URL(`../../../../shared/spec/dbus/${name}`, import.meta.url);
  if (!existsSync(file)) skip(`${name} is not at hand`);
  expect(members(readFileSync(file, 'utf8'), definition.name)).toEqual(tabled(definition));
});

const HEAD = `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
`;

test.each([
  ['/', `<node>\n  <node name="com"/>\n</node>\n`],
  ['/com', `<node>\n  <node name="ubuntu"/>\n</node>\n`],
  ['/com/ubuntu', `<node>\n  <node name="Upstart"/>\n</node>\n`],
  ['/com/ubuntu/Upstart/jobs', `<node>\n  <node name="a_2db"/>\n  <node name="web"/>\n</node>\n`],
])('%s shows only what is below it', async (path, text) => {
  expect(await live(path)).toBe(HEAD + text);
});

test.each([
  ['/com/ubuntu/Upstart', [MANAGER, INIT1, PROPERTIES, INTROSPECTABLE], ['jobs']],
  ['/com/ubuntu/Upstart/jobs/web', [JOB_CLASS, INIT1_JOB, PROPERTIES, INTROSPECTABLE], ['_', 'a_20b']],
  ['/com/ubuntu/Upstart/jobs/web/_', [JOB_INSTANCE, INIT1_INSTANCE, PROPERTIES, INTROSPECTABLE], []],
] as const)('%s shows its path, its interfaces and what is below it', async (path, interfaces, children) => {
  const xml = await live(path);
  expect(xml.startsWith(`${HEAD}<node name="${path}">\n`)).toBe(true);
  expect(Array.from(xml.matchAll(/<interface name="(.*?)">/g), ([, name]) => name)).toEqual(
    interfaces.map(({ name }) => name),
  );
  expect(Array.from(xml.matchAll(/ {2}<node name="(.*?)"\/>/g), ([, name]) => name)).toEqual(children);
});

test('nothing is introspected where nothing is', async () => {
  await expect(live('/com/ubuntu/Upstart/jobs/nosuch')).rejects.toMatchObject({
    name: 'org.freedesktop.DBus.Error.UnknownMethod',
  });
});
