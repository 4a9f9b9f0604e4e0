/**
 * Sets a key as the latest of a map, and drops the oldest one over the limit.
 *
 * @returns The value that was dropped.
 */
export function putLast<Value>(
  map: Map<string, Value>,
  key: string,
  value: Value,
  limit: number,
): Value | undefined {
  map.delete(key);
  map.set(key, value);
  if (map.size <= limit) return undefined;
  for (const [oldest, dropped] of map) {
    map.delete(oldest);
    return dropped;
  }
  return undefined;
}
