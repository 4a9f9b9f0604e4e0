import { describeServerExample } from '../../describe-server-example.js';

describeServerExample('commonjs-express', new URL('../src/server.js', import.meta.url));
