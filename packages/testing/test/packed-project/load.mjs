import { completeHandshakes } from './complete-handshakes.cjs';

const modules = {};
for (const path of process.argv.slice(2)) {
  modules[path] = await import(path, path.endsWith('.json') ? { with: { type: 'json' } } : {});
}

const exported = Object.fromEntries(
  Object.entries(modules).map(([path, one]) => [path, Object.keys(one).length]),
);
console.log(JSON.stringify({ exported, handshakes: await completeHandshakes(modules) }));
