/**
 * The further headers that are sent to Kagent, from lines such as `X-Team: payments`.
 *
 * Pure. Its sentences name lines, and never a value: values are taken for secrets.
 */
import { validateHeaderName, validateHeaderValue } from 'node:http';

export type ExtraHeaders = { headers: Record<string, string> } | { flaw: string };

const mostHeaders = 20;

/** Set by the calls themselves; in small letters, each with what to do instead. */
const ofTheCalls = new Map([
  ['authorization', 'Authorization, which is made from api-key'],
  ['x-user-id', 'X-User-Id, which is made from user-id'],
  ['host', 'Host, which is made from base-url'],
  ['content-length', 'Content-Length, which each call has its own of'],
  ['content-type', 'Content-Type, which each call has its own of'],
  ['transfer-encoding', 'Transfer-Encoding, which each call has its own of'],
  ['a2a-version', 'A2A-Version, which is made from protocol'],
]);

/** Names as they are written; what is wrong is said of the first line that is. */
export function readExtraHeaders(text: string): ExtraHeaders {
  const lines = text.split('\n').map((line, index) => ({ at: index + 1, line: line.trim() }));
  const written = lines.filter(({ line }) => line !== '');
  if (written.length === 0) return { flaw: 'expected lines such as X-Team: payments' };
  if (written.length > mostHeaders) return { flaw: `has ${written.length} headers; expected at most ${mostHeaders}` };
  const headers = new Map<string, [string, string]>();
  for (const { at, line } of written) {
    const { name, value } = partsOf(line);
    const flaw = flawOf(name, value) ?? (headers.has(name.toLowerCase()) ? 'names a header twice' : undefined);
    if (flaw !== undefined) return { flaw: `line ${at} ${flaw}` };
    headers.set(name.toLowerCase(), [name, value]);
  }
  return { headers: Object.fromEntries(headers.values()) };
}

/** Without a colon there is no name. */
function partsOf(line: string): { name: string; value: string } {
  const colon = line.indexOf(':');
  return { name: line.slice(0, Math.max(0, colon)), value: line.slice(colon + 1).trim() };
}

function flawOf(name: string, value: string): string | undefined {
  if (!isTaken(() => validateHeaderName(name))) return 'is no header; expected one such as X-Team: payments';
  const ours = ofTheCalls.get(name.toLowerCase());
  if (ours !== undefined) return `is ${ours}; expected another header`;
  if (value === '') return 'has no value';
  return isTaken(() => validateHeaderValue(name, value)) ? undefined : 'has characters that no header may have';
}

/** Node says what is wrong by throwing, with the value in its message. */
function isTaken(validate: () => void): boolean {
  try {
    validate();
    return true;
  } catch {
    return false;
  }
}
