import { describeServerExample } from '../../describe-server-example.js';

describeServerExample('hono', new URL('../dist/server.js', import.meta.url));
