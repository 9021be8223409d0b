/**
 * Whether something grows for as long as it runs: the middle of the first third of its samples after a warm-up, beside that of the last.
 *
 * Pure. A middle of many samples does not see single bad moments, which faults make on purpose.
 */

export interface Growth {
  what: string;
  early: number;
  late: number;
  percent: number;
  /** More than was allowed. */
  isTooMuch: boolean;
}

export interface Allowed {
  percent: number;
  /** A difference up to this is none, however large its share: of five open files a sixth is no leak. */
  least: number;
}

/** Undefined where there are too few samples to say. */
export function growthOf(what: string, samples: readonly number[], allowed: Allowed): Growth | undefined {
  const third = Math.floor(samples.length / 3);
  if (third === 0) return undefined;
  const early = middleOf(samples.slice(0, third));
  const late = middleOf(samples.slice(-third));
  const percent = Math.round((late / early - 1) * 1000) / 10;
  const isTooMuch = late - early > allowed.least && late > early * (1 + allowed.percent / 100);
  return { what, early, late, percent, isTooMuch };
}

function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
