import type { Argument, InterfaceDefinition } from './interfaces.js';

const DOCTYPE = `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
`;

const argumentLines = (args: readonly Argument[], direction?: 'in' | 'out'): string[] =>
  args.map(([name, type]) => {
    const suffix = direction === undefined ? '' : ` direction="${direction}"`;
    return `      <arg name="${name}" type="${type}"${suffix}/>`;
  });

const interfaceLines = ({ name, methods, signals, properties }: InterfaceDefinition): string[] => [
  `  <interface name="${name}">`,
  ...Object.entries(methods).flatMap(([method, { in: inputs, out }]) => [
    `    <method name="${method}">`,
    ...argumentLines(inputs, 'in'),
    ...argumentLines(out, 'out'),
    '    </method>',
  ]),
  ...Object.entries(signals).flatMap(([signal, args]) => [
    `    <signal name="${signal}">`,
    ...argumentLines(args),
    '    </signal>',
  ]),
  ...Object.entries(properties).map(
    ([property, { type, access }]) => `    <property name="${property}" type="${type}" access="${access}"/>`,
  ),
  '  </interface>',
];

/** An object, or a mere step on the way to one. */
export interface IntrospectedNode {
  /** Its path; absent for a path that is there only because objects are below it. */
  readonly path?: string;
  readonly interfaces: readonly InterfaceDefinition[];
  /** Elements of the paths one level below. */
  readonly children: readonly string[];
}

const texts = new WeakMap<InterfaceDefinition, string>();

const interfaceText = (definition: InterfaceDefinition): string => {
  const known = texts.get(definition);
  if (known !== undefined) return known;
  const text = interfaceLines(definition)
    .map((line) => `${line}\n`)
    .join('');
  texts.set(definition, text);
  return text;
};

/** What `Introspect` answers, in the form of the original: children in the order of their bytes. */
export const introspect = ({ path, interfaces, children }: IntrospectedNode): string => {
  const name = path === undefined ? '' : ` name="${path}"`;
  const nodes = [...children].sort().map((child) => `  <node name="${child}"/>\n`);
  return `${DOCTYPE}<node${name}>\n${interfaces.map(interfaceText).join('')}${nodes.join('')}</node>\n`;
};
