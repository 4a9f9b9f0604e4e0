import { describeServerExample } from '../../describe-server-example.js';

describeServerExample('commonjs-express-ts', new URL('../dist/server.js', import.meta.url));
