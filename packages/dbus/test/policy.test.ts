import { describe, expect, test } from 'vitest';
import { FOR_OWNERS, REFUSALS } from '../src/access.js';
import * as interfaces from '../src/interfaces.js';
import { SESSIONS_POLICY, SHIPPED_POLICY } from './helpers/policy.js';

const [root = '', everybody = ''] = SHIPPED_POLICY.split('context="default"');
/** All but those that every service on a bus has. */
const OURS = Object.values(interfaces).flatMap((exported): readonly interfaces.InterfaceDefinition[] =>
  'methods' in exported && /^(com\.ubuntu|org\.maverick)\./.test(exported.name) ? [exported] : [],
);
const DESTINATION = 'send_destination="com.ubuntu.Upstart"';

describe('the bus policy', () => {
  test.each(OURS.map(({ name }) => name))('lets root call everything of %s', (name) => {
    expect(root).toContain(`<allow ${DESTINATION} send_interface="${name}"/>`);
  });

  const members = OURS.flatMap(({ name, methods }) => Object.keys(methods).map((member) => ({ name, member })));
  test.each(members)('agrees with the daemon about everybody and $name.$member', ({ name, member }) => {
    const rule = `<allow ${DESTINATION} send_interface="${name}" send_type="method_call" send_member="${member}"/>`;
    expect(everybody.includes(rule)).toBe(!REFUSALS.get(name)?.has(member));
  });

  test.each(members)('for sessions of users agrees about owners and $name.$member', ({ name, member }) => {
    const rule = `<allow ${DESTINATION} send_interface="${name}" send_type="method_call" send_member="${member}"/>`;
    expect(SESSIONS_POLICY.includes(rule)).toBe(FOR_OWNERS.get(name)?.has(member) ?? false);
  });

  test('lets everybody read properties and set none', () => {
    const members = [...everybody.matchAll(/DBus\.Properties".* send_member="(\w+)"/g)].map(([, member]) => member);
    expect(members).toEqual(['Get', 'GetAll']);
  });

  test('lets only root have the names', () => {
    expect([...root.matchAll(/own="([^"]+)"/g)].map(([, name]) => name)).toEqual([
      'com.ubuntu.Upstart',
      'org.freedesktop.systemd1',
    ]);
    expect(everybody).not.toContain('own=');
  });
});
