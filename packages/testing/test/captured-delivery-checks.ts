import { type AsanaEvent, createReceiver, memorySecrets, type StoredSecret } from '@hookshake/core';
import {
  type AdapterUnderTest,
  type CapturedDelivery,
  capturedDeliveries,
  requestBytes,
  sendRaw,
} from '@hookshake/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

/** A captured delivery whose signature can be checked. */
interface SignedCapture extends CapturedDelivery {
  readonly secret: string;
  readonly signature: string;
}

const signed = capturedDeliveries.filter(
  (captured): captured is SignedCapture => captured.secret !== null && captured.signature !== null,
);

const seed = Date.now();

/** Tests that both signed captures verify through an adapter, and that one flipped bit refuses them. */
export function checkCapturedDeliveries(name: string, adapter: AdapterUnderTest): void {
  describe(`${name}, captured deliveries`, () => {
    test('there are two with a secret and a signature', () => {
      expect(signed.map(({ id }) => id)).toEqual(['fusebit-2021-task-completed', 'awm-2017-heartbeat']);
    });

    for (const captured of signed) {
      test(`${captured.id} verifies byte for byte and reaches the handlers`, () =>
        withServer(adapter, async ({ send, handled, beats }) => {
          expect(await send(captured)).toBe(200);
          expect(handled).toEqual(JSON.parse(captured.body).events);
          expect(beats()).toBe(handled.length === 0 ? 1 : 0);
        }));

      for (const part of ['body', 'secret', 'signature'] as const) {
        test(`${captured.id} is refused with one bit of its ${part} flipped (seed ${seed})`, () =>
          withServer(adapter, async ({ send, handled, beats }) => {
            const bytes = Buffer.from(captured[part], 'latin1');
            const bit = fc.integer({ min: 0, max: bytes.length * 8 - 1 });
            await fc.assert(
              fc.asyncProperty(bit, async (at) => {
                const status = await send({ ...captured, [part]: flip(bytes, at).toString('latin1') });
                // A header that is none any more does not get past Node's parser.
                expect(part === 'signature' ? [400, 401] : [401]).toContain(status);
                expect([handled.length, beats()]).toEqual([0, 0]);
              }),
              { seed, numRuns: 60 },
            );
            expect(await send(captured)).toBe(200);
          }));
      }
    }
  });
}

function flip(bytes: Uint8Array, bit: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

interface Server {
  /** Delivers the capture to a hook that holds its secret; resolves to the status. */
  send(captured: Pick<SignedCapture, 'body' | 'secret' | 'signature'>): Promise<number>;
  readonly handled: readonly AsanaEvent[];
  beats(): number;
}

async function withServer(adapter: AdapterUnderTest, play: (server: Server) => Promise<void>): Promise<void> {
  const held: StoredSecret[] = [];
  const secrets = { ...memorySecrets(), find: () => held };
  const receiver = createReceiver({ secrets, logger: false });
  const handled: AsanaEvent[] = [];
  let beats = 0;
  receiver.on('*', (event) => void handled.push(event)).on('heartbeat', () => void beats++);
  const { port, close } = await adapter.serve(receiver);

  async function send({ body, secret, signature }: Parameters<Server['send']>[0]): Promise<number> {
    held.splice(0, held.length, { secret });
    const headers = { 'Content-Type': 'application/json', 'X-Hook-Signature': signature };
    const bytes = Buffer.from(body, 'latin1');
    const { status } = await sendRaw(port, requestBytes({ path: '/webhooks/asana', headers, body: bytes }));
    return status;
  }

  try {
    await play({ send, handled, beats: () => beats });
  } finally {
    await close();
  }
}
