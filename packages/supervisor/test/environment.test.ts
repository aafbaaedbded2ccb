import { expect, test } from 'vitest';
import { jobEnvironment } from '../src/environment.js';

test.each([
  { sessionMode: false, source: { HOME: '/root', TERM: 'linux', PATH: '/bin' }, table: ['PATH=/bin', 'TERM=linux'] },
  { sessionMode: false, source: { HOME: '/root' }, table: [] },
  {
    sessionMode: true,
    source: { HOME: '/root', TERM: 'linux', PATH: '/bin' },
    table: ['PATH=/bin', 'TERM=linux', 'HOME=/root'],
  },
])('session mode $sessionMode makes $table of $source', ({ sessionMode, source, table }) => {
  expect(jobEnvironment(source, sessionMode)).toEqual(table);
});
