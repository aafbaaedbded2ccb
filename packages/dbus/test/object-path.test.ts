import { SYSTEM } from '@maverick/engine';
import { expect, test } from 'vitest';
import { fc } from '../../conf/test/fast-check.js';
import { isObjectPath } from '../src/names.js';
import { escapeElement, instancePath, jobPath, unescapeElement } from '../src/object-path.js';

test.each([
  ['foo', 'foo'],
  ['', '_'],
  ['tty-1', 'tty_2d1'],
  ['net/apache', 'net_2fapache'],
  ['a_b', 'a_5fb'],
  ['a.b c', 'a_2eb_20c'],
  ['ü', '_c3_bc'],
  ['日', '_e6_97_a5'],
  ['wilco_dtc_dispatcher', 'wilco_5fdtc_5fdispatcher'],
])("the name '%s' is the path element %s", (name, element) => {
  expect(escapeElement(name)).toBe(element);
  expect(unescapeElement(element)).toBe(name);
});

test.each(['', 'a_', 'a_2', 'a_2D', 'a_61', 'ü', 'a-b', '_c3', '_5f_', '__'])(
  "no name has the path element '%s'",
  (element) => {
    expect(unescapeElement(element)).toBeUndefined();
  },
);

test('every name has a path of its own, and comes back from it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      expect(isObjectPath(jobPath(name))).toBe(true);
      expect(unescapeElement(escapeElement(name))).toBe(name);
    }),
  );
});

test('an instance hangs below its job, the plain one as _', () => {
  expect(instancePath({ session: SYSTEM, job: 'web', instance: '' })).toBe('/com/ubuntu/Upstart/jobs/web/_');
  expect(instancePath({ session: SYSTEM, job: 'web', instance: 'a b' })).toBe('/com/ubuntu/Upstart/jobs/web/a_20b');
});

test("a job of another session hangs below that session's element", () => {
  expect(jobPath('web', '/srv/root')).toBe('/com/ubuntu/Upstart/jobs/_2fsrv_2froot/web');
});
