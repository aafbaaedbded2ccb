import { FakeModel, instanceView } from './fake-model.js';

/** Where things are in {@link webModel}. */
export const MANAGER = '/com/ubuntu/Upstart';
export const WEB = '/com/ubuntu/Upstart/jobs/web';
export const WEB_INSTANCE = `${WEB}/_`;

/** A daemon with a job of every property, and one with a name that needs escapes. */
export const webModel = (): FakeModel =>
  new FakeModel()
    .add(
      'web',
      {
        description: 'd',
        author: 'a',
        version: 'v',
        usage: 'u',
        emits: ['q'],
        startOn: {
          kind: 'or',
          left: { kind: 'match', name: 'ev', args: ['A=1'] },
          right: {
            kind: 'and',
            left: { kind: 'match', name: 'x', args: [] },
            right: { kind: 'match', name: 'y', args: ['B!=2'] },
          },
        },
        stopOn: { kind: 'match', name: 'z', args: [] },
      },
      [
        instanceView('web', '', {
          processes: [
            { role: 'main', process: 1, pid: 7 },
            { role: 'post-start', process: 2 },
          ],
        }),
      ],
    )
    .add('net/if-up', {}, [instanceView('net/if-up', 'a b')]);
