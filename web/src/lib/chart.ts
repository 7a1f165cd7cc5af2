// Lines and bars over time: where each value stands. Without values there are gaps.

export type Values = (number | null)[];

export interface Frame {
  width: number;
  height: number;
}

/** 0, some steps, and a round number that nothing exceeds. */
export function ticksFor(most: number, count = 3): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999)!;
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

/** A history that has just begun stands at the end of the whole span. */
export function padded(values: Values, count: number): Values {
  return [...new Array<null>(Math.max(0, count - values.length)).fill(null), ...values];
}

export function mostOf(series: Values[]): number {
  return series.reduce((most, values) => values.reduce<number>((so, each) => Math.max(so, each ?? 0), most), 0);
}

/** Of value `index` of `count`; one alone stands at the end. */
export function xOf(index: number, count: number, { width }: Frame): number {
  return count < 2 ? width : (width * index) / (count - 1);
}

export function yOf(value: number, most: number, { height }: Frame): number {
  return height - (height * value) / most;
}

/** As an SVG path: a piece for each run of values that are known; a run of one is a dot of a line. */
export function linePath(values: Values, most: number, frame: Frame): string {
  return runs(values)
    .map(([from, to]) => {
      const points = pointsOf(values, from, to, most, frame);
      return from === to ? `M${points[0]}h.01` : `M${points.join('L')}`;
    })
    .join('');
}

/** The same down to the ground. */
export function areaPath(values: Values, most: number, frame: Frame): string {
  const at = (index: number) => xOf(index, values.length, frame).toFixed(1);
  return runs(values)
    .filter(([from, to]) => to > from)
    .map(([from, to]) => `M${at(from)} ${frame.height}L${pointsOf(values, from, to, most, frame).join('L')}L${at(to)} ${frame.height}Z`)
    .join('');
}

function pointsOf(values: Values, from: number, to: number, most: number, frame: Frame): string[] {
  return values
    .slice(from, to + 1)
    .map((value, index) => `${xOf(from + index, values.length, frame).toFixed(1)} ${yOf(value ?? 0, most, frame).toFixed(1)}`);
}

/** From and to, both within, of each piece that is known. */
export function runs(values: Values): [number, number][] {
  const found: [number, number][] = [];
  values.forEach((value, index) => {
    if (value === null) return;
    const last = found.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else found.push([index, index]);
  });
  return found;
}

/** The value under the pointer. */
export function indexAt(x: number, count: number, { width }: Frame): number {
  return Math.min(count - 1, Math.max(0, Math.round((x / Math.max(1, width)) * (count - 1))));
}
