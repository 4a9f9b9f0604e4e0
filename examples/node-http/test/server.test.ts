import { describeServerExample } from '../../describe-server-example.js';

describeServerExample('node-http', new URL('../dist/server.js', import.meta.url));
