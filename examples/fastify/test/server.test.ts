import { describeServerExample } from '../../describe-server-example.js';

describeServerExample('fastify', new URL('../dist/server.js', import.meta.url));
