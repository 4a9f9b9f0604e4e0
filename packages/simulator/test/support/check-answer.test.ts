import { expect, test } from 'vitest';
import { checkAnswer } from './check-answer.js';

const gid = '/webhooks/1';

test.each([
  ['an invented field', { data: { gid: '1', colour: 'red' } }],
  ['a null that no real answer has', { data: { gid: null } }],
  ['a wrong type', { data: { delivery_retry_count: '0' } }],
  ['a time in another form', { data: { created_at: 'yesterday' } }],
])('the check of answers catches %s', async (_, body) => {
  await expect(checkAnswer('GET', gid, 200, body)).rejects.toThrow();
});

test('the check of answers lets the nulls of real answers pass', async () => {
  await checkAnswer('GET', gid, 200, {
    data: { gid: '1', last_failure_at: null, filters: [{ fields: null }] },
  });
});
