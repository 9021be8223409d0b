/**
 * Which pages a browser may let call the codec server: those of the configured Web UIs, by their exact origin.
 *
 * Without such headers a browser keeps the answer from the page; this guards people's browsers, not the port: that is what the
 * token is for.
 */

/** Headers that the Web UI sends. */
const requestHeaders = 'authorization, content-type, x-namespace';

export function corsHeaders(origin: string | undefined, allowed: readonly string[]): Record<string, string> {
  if (allowed.length === 0) return {};
  if (origin === undefined || !allowed.includes(origin)) return { vary: 'origin' };
  return {
    vary: 'origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': requestHeaders,
    'access-control-max-age': '600',
  };
}
