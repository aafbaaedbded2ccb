import { closeSync, fstatSync, openSync } from 'node:fs';
import type { InstanceRef } from '@maverick/engine';
import { expect, onTestFinished, test } from 'vitest';
import { KeptFiles } from '../src/kept-files.js';

const WEB: InstanceRef = { session: '', job: 'web', instance: '' };
const STORE = { fdStore: true } as const;

const open = (path: string): number => {
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return fd;
};

const make = (...handed: ConstructorParameters<typeof KeptFiles>[1][]) => {
  const warnings: string[] = [];
  const files = new KeptFiles((message) => warnings.push(message), ...handed);
  onTestFinished(() => files.close());
  const names = (instance = WEB) => files.of(instance).map(({ name }) => name);
  return { files, warnings, names };
};

test('what is kept is a descriptor of its own, under its name, until the instance is gone', () => {
  const { files, names } = make();
  const fd = open('/etc/hostname');
  files.take(WEB, { ...STORE, fdName: 'a' }, [fd]);
  files.take(WEB, STORE, [fd]);
  expect(names()).toEqual(['a', 'stored']);
  const [kept] = files.of(WEB).map((file) => file.fd);
  expect(kept).not.toBe(fd);
  expect(fstatSync(kept ?? -1).ino).toBe(fstatSync(fd).ino);
  files.release(WEB);
  expect(names()).toEqual([]);
  expect(() => fstatSync(kept ?? -1)).toThrow('EBADF');
});

test('the same file under the same name is kept once; another one beside it', () => {
  const { files, names } = make();
  files.take(WEB, { ...STORE, fdName: 'a' }, [open('/etc/hostname'), open('/etc/hostname'), open('/etc/passwd')]);
  expect(names()).toEqual(['a', 'a']);
});

test('a name that is not wanted any more is closed', () => {
  const { files, names } = make();
  files.take(WEB, { ...STORE, fdName: 'a' }, [open('/etc/hostname')]);
  files.take(WEB, { ...STORE, fdName: 'b' }, [open('/etc/hostname')]);
  files.take(WEB, { fdName: 'a' }, []);
  expect(names()).toEqual(['b']);
});

test('jobs of users and chroots have nothing kept', () => {
  const { files, names, warnings } = make();
  const theirs = { ...WEB, session: 'user 1000' };
  files.take(theirs, STORE, [open('/etc/hostname')]);
  expect(names(theirs)).toEqual([]);
  expect(warnings).toEqual(['web [user 1000]: a descriptor is not kept: stored']);
});

test('no instance fills the process with its descriptors', () => {
  const { files, names, warnings } = make();
  const fd = open('/etc/hostname');
  for (let index = 0; index < 4_100; index++) files.take(WEB, { ...STORE, fdName: `n${index}` }, [fd]);
  expect(names()).toHaveLength(4_096);
  expect(warnings).toHaveLength(4);
});

test('all of it goes to who comes next', () => {
  const { files } = make();
  files.take(WEB, { ...STORE, fdName: 'a' }, [open('/etc/hostname')]);
  const handed = files.handOver();
  files.close();
  expect(make(handed).files.of(WEB)).toEqual([{ name: 'a', fd: handed[0]?.fd }]);
});
