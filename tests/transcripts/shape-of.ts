/**
 * The shape of a reply: its keys, types, words and sentences, without the ids, times and numbers that differ each time.
 *
 * Used by tests that compare a reply with a recorded one.
 */

/** Keys whose text or number must be the same. */
const exactKeys = new Set([
  'kind',
  'state',
  'role',
  'reason',
  '@type',
  'domain',
  'code',
  'jsonrpc',
  'type',
  'status',
  'protocolVersion',
]);
/** Keys whose sentence must be the same but for ids and addresses. */
const sentenceKeys = new Set(['message', 'error', 'msg', 'hint']);
/** What only a real cluster writes. */
const ignoredKeys = new Set(['annotations', 'managedFields', 'events']);

export function shapeOf(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => shapeOf(each));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([name, each]) => each !== undefined && !ignoredKeys.has(name));
    return Object.fromEntries(entries.map(([name, each]) => [name, shapeOf(each, name)]));
  }
  if (value === null || typeof value === 'boolean' || exactKeys.has(key)) return value;
  if (typeof value === 'string' && sentenceKeys.has(key)) return blurred(value);
  return typeof value;
}

/** A sentence without what differs each time. */
export function blurred(text: string): string {
  return text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID').replace(/127\.0\.0\.\d+/g, 'ADDRESS');
}

/** The data of a stream, from its text or from its recorded lines. */
export function eventsOf(stream: string | readonly { line: unknown }[]): unknown[] {
  if (typeof stream !== 'string') return stream.map(({ line }) => line).filter((line) => typeof line === 'object');
  const lines = stream.split('\n').filter((line) => line.startsWith('data: '));
  return lines.map((line): unknown => JSON.parse(line.slice('data: '.length)));
}
