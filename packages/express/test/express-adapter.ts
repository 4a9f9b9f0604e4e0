import { hookshake } from '@hookshake/express';
import { type AdapterUnderTest, serveListener } from '@hookshake/testing';
import express5 from 'express';
import express4 from 'express4';

/** Both supported versions of Express, for `describe.each`. */
export const versions: readonly (readonly [name: string, express: typeof express5])[] = [
  ['Express 5', express5],
  ['Express 4', express4],
];

/** An app that parses JSON after the receiver, and before it where a case asks for that. */
export function expressAdapter(express: typeof express5): AdapterUnderTest {
  return {
    serve(receiver, { hookId, bodyReadBefore } = {}) {
      const app = express();
      if (bodyReadBefore) app.use('/webhooks', express.json());
      app.use('/webhooks/asana', hookshake(receiver, { hookId }));

      // Counted late, so that a second time shows.
      const times = new WeakMap<object, number>();
      app.use((request, _response, next) => {
        times.set(request, (times.get(request) ?? 0) + 1);
        next();
      });
      app.use(express.json(), (request, response) => {
        setImmediate(() => response.json({ times: times.get(request), body: request.body }));
      });
      return serveListener(app);
    },
  };
}
