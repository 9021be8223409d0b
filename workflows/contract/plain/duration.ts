/**
 * Durations as people write them, in Hooks and in settings: one to four numbers with units, such as `500ms` or `1h30m`.
 *
 * The one grammar of them. Pure and without imports.
 */
const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** That of Kubernetes, but for the length of a number. */
export const durationPattern = /^([0-9]+(ms|s|m|h)){1,4}$/;

/** Milliseconds; of text that the pattern takes. */
export function durationMs(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|s|m|h)/g)) {
    if (unit === 'ms' || unit === 's' || unit === 'm' || unit === 'h') total += Number(amount) * unitsMs[unit];
  }
  return total;
}

/** In the largest unit of which it is a whole number. */
export function writeDuration(ms: number): string {
  const [unit, unitMs] = Object.entries(unitsMs).findLast(([, each]) => ms % each === 0) ?? ['ms', 1];
  return `${ms / unitMs}${unit}`;
}
