/** Arguments of signals, as the SDK converts them before a handler is called: none of them makes it throw. */
import { arrayFromPayloads, defaultPayloadConverter, type Payload } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { defineRawSignal, readSignal } from '../../workflows/checks/read-signal.ts';

const { typeInfo } = defineRawSignal('occurrences');
const received = (payloads: Payload[]) =>
  arrayFromPayloads(defaultPayloadConverter, payloads, undefined, typeInfo?.inputTypes);
const encodedAs = (encoding: string, text: string): Payload => ({
  metadata: { encoding: Buffer.from(encoding) },
  data: Buffer.from(text),
});

describe.each<[string, Payload]>([
  ['half of a JSON', encodedAs('json/plain', '{"a":')],
  ['JSON without data', { metadata: { encoding: Buffer.from('json/plain') } }],
  ['another encoding', encodedAs('no/such', 'x')],
  ['a sealed payload that the codec has left', encodedAs('binary/encrypted', 'x')],
  ['no encoding', { metadata: {}, data: Buffer.from([0xff]) }],
  ['nothing at all', {}],
])('%s', (_, broken) => {
  it('makes the SDK throw by itself, and is nothing for us', () => {
    expect(() => arrayFromPayloads(defaultPayloadConverter, [broken])).toThrow();
    expect(readSignal(received([broken])[0])).toBeUndefined();
  });

  it('does no harm as any of the arguments behind the first', () => {
    const good = defaultPayloadConverter.toPayload({ occurrences: [] });
    const all = received([good, ...Array.from({ length: 5000 }, () => broken)]);
    expect(all).toHaveLength(5001);
    expect(readSignal(all[0])).toEqual({ occurrences: [] });
  });
});

it('what was sent is read as it was sent, and without an argument there is nothing', () => {
  for (const value of [{ a: [1, 'x', null] }, 'text', 1, null, { __proto__: 1 }]) {
    expect(readSignal(received([defaultPayloadConverter.toPayload(value)])[0])).toEqual(value);
  }
  expect(readSignal(received([])[0])).toBeUndefined();
});
