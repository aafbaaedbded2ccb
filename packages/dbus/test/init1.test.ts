import { expect, test } from 'vitest';
import { serve } from './helpers/serving.js';
import { MANAGER, WEB, WEB_INSTANCE, webModel } from './helpers/web-model.js';

const INIT1 = 'org.maverick.Init1';

test('every job with its instances comes in one call', async () => {
  const client = await serve(webModel()).client();
  const [jobs] = await client.rawCall(MANAGER, INIT1, 'ListJobs');
  const other = '/com/ubuntu/Upstart/jobs/net_2fif_2dup';
  expect(jobs).toEqual([
    [WEB, 'web', [[WEB_INSTANCE, '', 'start', 'running', [['main', 7]]]]],
    [other, 'net/if-up', [[`${other}/a_20b`, 'a b', 'start', 'running', [['main', 42]]]]],
  ]);
});

test('every definition comes in one call, conditions as the original has them', async () => {
  const model = webModel().add('db', {
    while: {
      kind: 'and',
      left: { kind: 'term', job: 'net', args: ['IF=eth0'] },
      right: { kind: 'not', operand: { kind: 'term', job: 'container', args: [] } },
    },
  });
  const client = await serve(model).client();
  const [definitions] = await client.rawCall(MANAGER, INIT1, 'ListDefinitions');
  const byPath = new Map(definitions as [string, Map<string, { value: unknown }>][]);
  expect(byPath.get(WEB)?.get('stop_on')?.value).toEqual([['z']]);
  expect(byPath.get('/com/ubuntu/Upstart/jobs/db')?.get('while')?.value).toBe('(net IF=eth0 and not container)');
});

test("conditions have the form of the plan on the job's own interface", async () => {
  const client = await serve(webModel()).client();
  const get = async (property: string) =>
    (await client.rawCall(WEB, 'org.freedesktop.DBus.Properties', 'Get', 'ss', [`${INIT1}.Job`, property]))[0];
  expect(await get('start_on')).toEqual({
    signature: 'av',
    value: [
      { signature: '(sas)', value: ['ev', ['A=1']] },
      { signature: '(sas)', value: ['x', []] },
      { signature: '(sas)', value: ['y', ['B!=2']] },
      { signature: 's', value: 'AND' },
      { signature: 's', value: 'OR' },
    ],
  });
  expect(await get('instances')).toEqual({ signature: 'ao', value: [WEB_INSTANCE] });
  expect(await get('stale_because_of')).toEqual({ signature: 's', value: '' });
});

test('a job tells which files define it, and where the output of an instance goes', async () => {
  const model = webModel();
  Object.assign(model, {
    filesOf: () => ({ file: '/conf/web.conf', override: '/conf/web.override' }),
    logFile: (_: string, instance: string) => (instance === 'quiet' ? undefined : `/log/web-${instance}.log`),
  });
  const job = (await serve(model).client()).job('web');
  expect(await job.properties()).toMatchObject({ file: '/conf/web.conf', overrideFile: '/conf/web.override' });
  expect(await job.logFile('a')).toBe('/log/web-a.log');
  expect(await job.logFile('quiet')).toBe('');
  await expect((await serve(webModel()).client()).job('web').logFile()).rejects.toThrow('LogFile');
});

test('a state holds from started to stopping, and a condition as the daemon says', async () => {
  const model = webModel().add('db', { while: { kind: 'term', job: 'web', args: [] } });
  Object.assign(model, { explain: () => ({ kind: 'job', while: { holds: true } }) });
  const client = await serve(model).client();
  expect(await client.rawCall(MANAGER, INIT1, 'States')).toEqual([
    [
      ['web', '', []],
      ['net/if-up', 'a b', []],
    ],
    [['db', 'web', true]],
  ]);
});

test.each([
  ['Explain', 'as', [[]], 'Expected a job, or a job and an instance'],
  ['Explain', 'as', [['nosuch']], 'Unknown job: nosuch'],
  ['Explain', 'as', [['web', 'nosuch']], 'Unknown instance: nosuch of job web'],
  ['ExplainEvent', 'u', [0], 'Events are counted from 1'],
  ['ExplainEvent', 'u', [7], 'There is nothing of this name to explain'],
  ['ExplainCondition', 'as', [[]], 'Event may not be empty string'],
  ['AnswerStart', 'sss', ['web', '', 'maybe'], 'Expected yes, no, always, quit'],
  ['Simulate', 's', ['{'], 'JSON'],
  ['Simulate', 's', ['{}'], 'not a simulation'],
  ['Usage', 'as', [['nosuch']], 'Unknown job: nosuch'],
  ['Journal', 'a{sv}b', [new Map([['nosuch', { signature: 's', value: '' }]]), false], "no filter 'nosuch'"],
  ['Journal', 'a{sv}b', [new Map([['lines', { signature: 's', value: '1' }]]), false], "no filter 'lines'"],
  ['StopJournal', 'u', [7], 'No follower of the journal has the number 7'],
  ['ReleaseFiles', 's', ['here'], 'The directory of the journal must be absolute'],
  ['OpenSession', 'a{sv}', [new Map()], 'OpenSession is not supported by this daemon'],
] as const)('%s (%s) %j says: %s', async (member, signature, body, text) => {
  const model = Object.assign(webModel(), {
    explain: () => undefined,
    simulate: () => {
      throw new TypeError('not a simulation');
    },
    usage: () => [],
    journal: { tail: () => [], follow: () => () => {} },
    releaseFiles: () => {},
  });
  const client = await serve(model).client();
  await expect(client.rawCall(MANAGER, INIT1, member, signature, [...body])).rejects.toThrow(text);
});

test('what a daemon has not is said, member by member', async () => {
  const client = await serve(webModel()).client();
  for (const member of [
    'Sessions',
    'Journal',
    'Usage',
    'Simulate',
    'ExplainEvent',
    'ExplainCondition',
    'ConfirmStarts',
    'AnswerStart',
    'Confirming',
    'HeldStarts',
    'CloseSession',
    'ReleaseFiles',
    'ResumeFiles',
  ]) {
    const [signature, body] = {
      Sessions: ['', []],
      Journal: ['a{sv}b', [new Map(), false]],
      Usage: ['as', [[]]],
      Simulate: ['s', ['{}']],
      ExplainEvent: ['u', [1]],
      ExplainCondition: ['as', [['x']]],
      ConfirmStarts: ['basu', [true, [], 0]],
      AnswerStart: ['sss', ['x', '', 'yes']],
      Confirming: ['', []],
      HeldStarts: ['', []],
      CloseSession: ['s', ['x']],
      ReleaseFiles: ['s', ['']],
      ResumeFiles: ['', []],
    }[member] as [string, never[]];
    await expect(client.rawCall(MANAGER, INIT1, member, signature, body)).rejects.toThrow(
      `${member} is not supported by this daemon`,
    );
  }
});
