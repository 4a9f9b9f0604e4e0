import { describe, expect, it } from 'vitest';
import { createFetchHandler } from '../src/fetch.js';
import { sign } from '../src/index.js';
import { SECRET, setUpReceiver } from './receiver-setup.js';

describe('the handler for fetch', () => {
  it('fails at once with body_consumed when somebody before it has begun to read the body', async () => {
    const { receiver, requestCodes } = setUpReceiver();
    const body = '{"events":[]}';
    const headers = { 'x-hook-signature': sign(body, SECRET) };
    const request = new Request('http://localhost/bugs', { method: 'POST', headers, body });
    request.body?.getReader();
    const { status } = await createFetchHandler(receiver)(request);
    expect([status, requestCodes()]).toEqual([500, ['body_consumed']]);
  });
});
