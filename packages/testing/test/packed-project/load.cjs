const { completeHandshakes } = require('./complete-handshakes.cjs');

const modules = Object.fromEntries(process.argv.slice(2).map((path) => [path, require(path)]));

async function main() {
  const { createReceiver } = await import('@hookshake/core');
  const exported = Object.fromEntries(
    Object.entries(modules).map(([path, one]) => [path, Object.keys(one).length]),
  );
  const handshakes = await completeHandshakes(modules);
  // What is imported has to be what was required, or the app would hold two receivers' worth of state.
  const loadedOnce = createReceiver === modules['@hookshake/core'].createReceiver;
  console.log(JSON.stringify({ exported, handshakes, loadedOnce }));
}

void main();
