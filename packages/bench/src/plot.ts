/** One row of a plot: a subject, with a value per series. */
export interface PlotRow {
  readonly label: string;
  /** Stands out, as ours do. */
  readonly isOurs: boolean;
  readonly values: readonly number[];
}

/** What a plot shows. */
export interface Plot {
  readonly title: string;
  readonly subtitle: string;
  readonly series: readonly string[];
  readonly rows: readonly PlotRow[];
}

const LABELS_WIDTH = 230;
const PLOT_WIDTH = 520;
const ROW_HEIGHT = 22;
const TOP = 92;
const WIDTH = LABELS_WIDTH + PLOT_WIDTH + 30;
const RADIUS = 5;

/** Told apart by shape as well as by colour. */
const shapes: readonly ((x: number, y: number) => string)[] = [
  (x, y) => `<circle class="s0" cx="${x}" cy="${y}" r="${RADIUS}"/>`,
  (x, y) => `<rect class="s1" x="${x - 4.5}" y="${y - 4.5}" width="9" height="9"/>`,
  (x, y) => `<path class="s2" d="M${x} ${y - 6}L${round(x + 5.5)} ${y + 4.5}H${round(x - 5.5)}Z"/>`,
];

const style = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 }
  .muted { fill: #59636e }
  .ours { font-weight: 600 }
  .grid { stroke: #d1d9e0 }
  .one { stroke: #59636e }
  .s0 { fill: #0969da } .s1 { fill: #bc4c00 } .s2 { fill: #1a7f37 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .muted { fill: #9198a1 }
    .grid { stroke: #3d444d }
    .one { stroke: #9198a1 }
    .s0 { fill: #58a6ff } .s1 { fill: #f0883e } .s2 { fill: #56d364 }
  }`;

/** Ratios as dots on a logarithmic axis, as an SVG that is readable on light and dark backgrounds. */
export function drawRatios({ title, subtitle, series, rows }: Plot): string {
  const values = rows.flatMap((row) => row.values.filter((value) => value > 0 && Number.isFinite(value)));
  const ticks = powersOfTwo(Math.min(1, ...values), Math.max(2, ...values));
  const [low, high] = [Math.log2(ticks[0] ?? 1), Math.log2(ticks.at(-1) ?? 2)];
  const x = (value: number) => round(LABELS_WIDTH + (PLOT_WIDTH * (Math.log2(value) - low)) / (high - low));
  const bottom = TOP + rows.length * ROW_HEIGHT;

  const grid = ticks.map(
    (tick) =>
      `<line class="${tick === 1 ? 'one' : 'grid'}" x1="${x(tick)}" y1="${TOP - 8}" x2="${x(tick)}" y2="${bottom}"/>` +
      `<text class="muted" x="${x(tick)}" y="${TOP - 14}" text-anchor="middle">${tick}×</text>`,
  );
  const legend = series.map((name, index) => {
    const at = LABELS_WIDTH + index * 130;
    return `${shapes[index]?.(at, 56) ?? ''}<text x="${at + 12}" y="60">${escaped(name)}</text>`;
  });
  const drawn = rows.map(({ label, isOurs, values: ratios }, row) => {
    const y = TOP + row * ROW_HEIGHT + ROW_HEIGHT / 2;
    const dots = ratios.map((ratio, index) =>
      ratio > 0 && Number.isFinite(ratio) ? (shapes[index]?.(x(ratio), y) ?? '') : '',
    );
    const text = `<text class="${isOurs ? 'ours' : 'theirs'}" x="${LABELS_WIDTH - 14}" y="${y + 4}" text-anchor="end">${escaped(label)}</text>`;
    return text + dots.join('');
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 14}" width="${WIDTH}" height="${bottom + 14}" role="img" aria-labelledby="title">`,
    `<style>${style}\n</style>`,
    `<text class="title" id="title" x="16" y="24">${escaped(title)}</text>`,
    `<text class="muted" x="16" y="42">${escaped(subtitle)}</text>`,
    ...legend,
    ...grid,
    ...drawn,
    '</svg>',
  ].join('\n')}\n`;
}

/** The powers of two from the one not above `from` to the one not below `to`. */
function powersOfTwo(from: number, to: number): readonly number[] {
  const first = Math.floor(Math.log2(from));
  const count = Math.ceil(Math.log2(to)) - first + 1;
  return Array.from({ length: count }, (_, index) => 2 ** (first + index));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
