/** The middle of the values, or of the two middle ones; `NaN` if there are none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** The ratios of one round each: what is compared was measured within seconds. Rounds that one of the two lacks are left out. */
export function ratios(values: readonly number[], references: readonly number[]): readonly number[] {
  return values.map((value, round) => value / (references[round] ?? Number.NaN)).filter(Number.isFinite);
}

/** The value that `share` of the values are not above; `NaN` if there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
