import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sign } from '../../src/delivery/sign.js';

interface Capture {
  readonly id: string;
  readonly secret: string | null;
  readonly body: string;
  readonly signature: string | null;
}

const captures: readonly Capture[] = JSON.parse(
  readFileSync(new URL('../data/captured-deliveries.json', import.meta.url), 'utf8'),
);

test.each(captures.filter(({ secret }) => secret !== null))(
  'signs as Asana signed $id',
  ({ secret, body, signature }) => {
    expect(sign(body, secret ?? '')).toBe(signature);
  },
);
