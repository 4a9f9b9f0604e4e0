/** The paths of `opt_fields`, such as `target` and `filters.action`; undefined when none are asked for. */
export function readFieldPaths(value: unknown): readonly string[] | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return value.split(',').map((path) => path.trim());
}

/** Only the fields at these paths, and every object's gid. Unknown paths are ignored. */
export function selectFields(
  record: Readonly<Record<string, unknown>>,
  paths: readonly string[],
): Readonly<Record<string, unknown>> {
  const selected = Object.entries(record).flatMap(([name, value]) => {
    if (name === 'gid' || paths.includes(name)) return [[name, value]];
    const inner = paths
      .filter((path) => path.startsWith(`${name}.`))
      .map((path) => path.slice(name.length + 1));
    return inner.length === 0 ? [] : [[name, selectWithin(value, inner)]];
  });
  return Object.fromEntries(selected);
}

function selectWithin(value: unknown, paths: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => selectWithin(item, paths));
  return typeof value === 'object' && value !== null ? selectFields({ ...value }, paths) : value;
}
