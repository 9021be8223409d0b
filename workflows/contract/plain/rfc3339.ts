/**
 * Times in RFC 3339, as Kubernetes and we write them: in a year of four digits, with their zone.
 *
 * Used where times come in: by the views of the watcher and by the workflow. Pure; `Date.parse` alone takes far more.
 */
const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

export function isRfc3339(text: string): boolean {
  return shape.test(text) && !Number.isNaN(Date.parse(text));
}

/** In UTC, without fractions. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
