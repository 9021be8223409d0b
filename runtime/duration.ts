/** Durations as people write them: one or more numbers with units, such as `500ms`, `90s` or `1h30m`. Used by the settings and by Hooks. */
const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

export const durationPattern = /^(\d+(ms|s|m|h))+$/;

/** Milliseconds; of text that the pattern takes. */
export function durationMs(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|s|m|h)/g)) {
    if (unit === 'ms' || unit === 's' || unit === 'm' || unit === 'h') total += Number(amount) * unitsMs[unit];
  }
  return total;
}
