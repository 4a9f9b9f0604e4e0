/** The braces make a hash tag: all keys are on one node of a Redis Cluster, as BullMQ needs. */
export function hashTag(prefix: string): string {
  return `{${prefix}}`;
}

export function keyOf(prefix: string, kind: string, name: string): string {
  return `${hashTag(prefix)}:${kind}:${name}`;
}
