/**
 * Sorts what went wrong below HTTP: no connection, no certificate, a cut answer, not HTTP at all.
 *
 * Pure. Gives codes and own words only, since the messages of such errors name the address of the server.
 */
import type { FailedTry } from './describe-failure.ts';

const words = new Map([
  ['ECONNREFUSED', 'the connection was refused'],
  ['ECONNRESET', 'the connection was reset'],
  ['EPIPE', 'the connection was closed while sending'],
  ['ENOTFOUND', 'the host name is not known'],
  ['EAI_AGAIN', 'the host name could not be looked up'],
  ['EHOSTUNREACH', 'the host cannot be reached'],
  ['ENETUNREACH', 'the network cannot be reached'],
  ['ETIMEDOUT', 'the connection could not be opened in time'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'the answer was cut off'],
]);

/** Nothing of the request has left this machine, or only to somebody who is not Kagent. */
const notSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT_|UNABLE_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_)/;

/** Node's HTTP parser, its decompression, and the size limit of node-fetch: something answered, but not the API. */
const malformedCode = /^(HPE_|Z_|ERR__?BROTLI|ERR__ERROR_FORMAT)/;

/** Turns a thrown value into a reason of kind *again*, ConnectionFailed or MalformedAnswer, with a clause about it. */
export function sortTransportError(error: unknown, limitMiB = 1): FailedTry {
  if (wordOf(error, 'type') === 'max-size') {
    return { reason: 'MalformedAnswer', found: `the answer was larger than ${limitMiB} MiB` };
  }
  const code = wordOf(error, 'code');
  if (malformedCode.test(code)) return { reason: 'MalformedAnswer', found: `the answer was not readable (${code})` };
  const found = words.get(code) ?? 'the connection failed';
  return {
    reason: 'ConnectionFailed',
    found: code === '' ? found : `${found} (${code})`,
    ...(notSent.test(code) && { mayHaveStarted: false }),
  };
}

/** A property that is one upper- or lower-case word such as `ECONNRESET` or `max-size`; else empty. */
function wordOf(error: unknown, property: 'code' | 'type'): string {
  if (typeof error !== 'object' || error === null) return '';
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' && /^[\w-]{1,60}$/.test(value) ? value : '';
}
