import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(`packages/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests run on the sources; examples and the packed-package check run on what is published.
    alias: [
      { find: /^@hookshake\/core\/(node|fetch)$/, replacement: source('core/src/$1.ts') },
      { find: /^@hookshake\/servers\/([a-z]+)$/, replacement: source('servers/src/$1.ts') },
      { find: /^@hookshake\/([a-z]+)$/, replacement: source('$1/src/index.ts') },
    ],
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    sequence: { shuffle: false },
    // .ci/run counts the tests in the report.
    ...(process.env['CI'] !== undefined && {
      reporters: ['default', 'json'],
      outputFile: { json: 'coverage/tests.json' },
    }),
    coverage: {
      provider: 'v8',
      // Where their servers may be missing, nothing of these two need have run.
      include: [
        'packages/{asana,core,express,fastify,simulator,sqlite}/src/**',
        ...(process.env['CI'] === undefined ? [] : ['packages/{postgres,redis}/src/**']),
      ],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 95, functions: 95, branches: 90 },
    },
  },
});
