/**
 * Times in RFC 3339, as Kubernetes and we write them: in a year of four digits, with their zone.
 *
 * Checks times that come in; `Date.parse` alone would take far more forms.
 */
const shape =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
/** Every month has the days up to the 28th; Date.parse decides about later ones, and costs more. */
const everyMonthHas = '28';

export function isRfc3339(text: string): boolean {
  return shape.test(text) && (text.slice(8, 10) <= everyMonthHas || !Number.isNaN(Date.parse(text)));
}

/** In UTC, without fractions. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** In UTC, with microseconds: the form of Kubernetes' MicroTime. */
export function isoMicros(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
