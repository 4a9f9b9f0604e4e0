/**
 * What failed and where, without a word of the error's message: it may hold what the event or a secret holds.
 * `TypeError at file:///app/notify.js:12:5`.
 */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `threw a value of type ${typeof error}`;
  const kind = /^[A-Za-z]\w{0,63}$/.test(error.name) ? error.name : 'Error';
  const place = placeOf(error);
  return place === undefined ? `threw ${kind}` : `threw ${kind} at ${place}`;
}

/** The first place in code that is not Node's and not installed; if there is none, the first place. */
function placeOf(error: Error): string | undefined {
  const { stack = '', message } = error;
  // A message may span lines and imitate frames, so only what stands behind it counts.
  const behind = stack.indexOf(message);
  if (behind === -1) return undefined;
  const frames = stack.slice(behind + message.length).matchAll(/^\s+at (?:.*\()?([^()\n]+:\d+:\d+)\)?$/gm);
  const places = Array.from(frames, ([, place]) => place);
  return places.find((place) => !/^node:|[\\/]node_modules[\\/]/.test(place ?? '')) ?? places[0];
}
