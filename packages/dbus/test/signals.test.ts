import { describe, expect, test } from 'vitest';
import { instanceView } from './helpers/fake-model.js';
import { serve } from './helpers/serving.js';
import { WEB, WEB_INSTANCE, webModel } from './helpers/web-model.js';

describe('signals', () => {
  test('tell every connection what happened, from the path of whom it happened to, in order', async () => {
    const { model: fake, client } = serve(webModel());
    const clients = await Promise.all([client(), client()]);
    const streams = clients.map((one) => one.events());
    await Promise.all(clients.map((one) => one.version()));
    const { ref } = instanceView('web');
    fake.notify(
      { kind: 'job-added', session: '', job: 'a-b' },
      { kind: 'instance-added', instance: ref },
      { kind: 'goal-changed', instance: ref, from: 'stop', to: 'start' },
      { kind: 'state-changed', instance: ref, from: 'waiting', to: 'starting' },
      { kind: 'event-queued', event: 1, session: '', name: 'starting', env: [], failed: false },
      { kind: 'event-finished', event: 1, session: '', name: 'starting', env: ['JOB=web'], failed: false },
      { kind: 'job-failed', instance: ref, process: 'main', status: -1 },
      { kind: 'instance-removed', instance: ref },
      { kind: 'job-removed', session: '', job: 'a-b' },
    );
    const expected = [
      { kind: 'job-added', job: '/com/ubuntu/Upstart/jobs/a_2db' },
      { kind: 'instance-added', job: WEB, instance: WEB_INSTANCE },
      { kind: 'goal-changed', instance: WEB_INSTANCE, goal: 'start' },
      { kind: 'state-changed', instance: WEB_INSTANCE, state: 'starting' },
      { kind: 'event-emitted', name: 'starting', env: ['JOB=web'] },
      { kind: 'failed', instance: WEB_INSTANCE, status: -1 },
      { kind: 'instance-removed', job: WEB, instance: WEB_INSTANCE },
      { kind: 'job-removed', job: '/com/ubuntu/Upstart/jobs/a_2db' },
    ];
    for (const stream of streams) {
      for (const event of expected) expect(await stream.next()).toEqual({ value: event, done: false });
    }
  });

  test('that D-Bus can not carry cost a warning, and neither the daemon nor the next signal', async () => {
    const { model: fake, client, warnings } = serve(webModel());
    const upstart = await client();
    const events = upstart.events();
    await upstart.version();
    const event = { kind: 'event-finished', event: 1, session: '', failed: false } as const;
    fake.notify({ ...event, name: 'a', env: ['A=\0'] }, { ...event, name: 'b', env: [] });
    expect(await events.next()).toMatchObject({ value: { kind: 'event-emitted', name: 'b' } });
    expect(warnings).toEqual(['Unable to signal EventEmitted: String contains null byte']);
  });
});
