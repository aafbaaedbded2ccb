import { describe, expect, test } from 'vitest';
import { fakeUpstart } from './helpers/fake-upstart.js';
import { run } from './helpers/run.js';

const HINT = "Try `initctl --help' for more information.\n";

describe('whose variables', () => {
  const inJob = { UPSTART_JOB: 'web', UPSTART_INSTANCE: '1' };

  test.each([
    { line: ['set-env', 'A=1', 'B'], env: {}, calls: ['set-env A=1 B'] },
    { line: ['set-env', '-r', 'A=1'], env: {}, calls: ['set-env A=1 retain'] },
    { line: ['set-env', 'A=1', '--retain', '-g'], env: inJob, calls: ['set-env A=1 retain'] },
    { line: ['set-env', 'A=1'], env: inJob, calls: ['set-env A=1 of web/1'] },
    { line: ['set-env', 'A=1'], env: { UPSTART_JOB: 'web', UPSTART_INSTANCE: '' }, calls: ['set-env A=1 of web/'] },
    { line: ['unset-env', 'A', 'B'], env: {}, calls: ['unset-env A B'] },
    { line: ['unset-env', 'A'], env: inJob, calls: ['unset-env A of web/1'] },
    { line: ['unset-env', '--global', 'A'], env: inJob, calls: ['unset-env A'] },
    { line: ['reset-env'], env: {}, calls: ['reset-env'] },
    { line: ['reset-env'], env: inJob, calls: ['reset-env of web/1'] },
    { line: ['reset-env', '-g'], env: inJob, calls: ['reset-env'] },
    { line: ['notify-disk-writeable', 'x'], env: {}, calls: ['notify-disk-writeable'] },
    { line: ['notify-dbus-address', 'unix:path=/b'], env: {}, calls: ['notify-dbus-address unix:path=/b'] },
    { line: ['notify-cgroup-manager-address', 'a'], env: {}, calls: ['notify-cgroup-manager-address a'] },
  ])('$line in $env', async ({ line, env, calls }) => {
    const fake = fakeUpstart({});
    expect(await run(line, { client: fake.client, env })).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(fake.calls).toEqual(calls);
  });

  test.each([['set-env', 'A=1'], ['get-env', 'A'], ['unset-env', 'A'], ['list-env'], ['reset-env']])(
    '%s in a job whose instance is not known',
    async (...line) => {
      const { client } = fakeUpstart({});
      expect(await run(line, { client, env: { UPSTART_JOB: 'web' } })).toEqual({
        status: 1,
        stdout: '',
        stderr: `initctl: missing job name\n${HINT}`,
      });
    },
  );
});

test('get-env prints the value, also one of nothing', async () => {
  const { client } = fakeUpstart({}, ['A=one two', 'EMPTY=']);
  expect(await run(['get-env', 'A'], { client })).toEqual({ status: 0, stdout: 'one two\n', stderr: '' });
  expect(await run(['get-env', 'EMPTY', 'more'], { client })).toEqual({ status: 0, stdout: '\n', stderr: '' });
  expect(await run(['get-env', 'B'], { client })).toEqual({
    status: 1,
    stdout: '',
    stderr: 'initctl: No such variable: B\n',
  });
});

test('list-env is sorted by bytes', async () => {
  const { client } = fakeUpstart({}, ['b=1', 'A=2', '_=3', '\u{1F600}=4', '\uFFFD=5', 'A_B=6', 'A=']);
  expect(await run(['list-env'], { client })).toMatchObject({
    stdout: 'A=\nA=2\nA_B=6\n_=3\nb=1\n\uFFFD=5\n\u{1F600}=4\n',
  });
  expect(await run(['list-env'], fakeUpstart({}))).toEqual({ status: 0, stdout: '', stderr: '' });
});
