/** What is encrypted comes back as it was, and nothing else does. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAesGcmCodec } from '../../../codec/aes-gcm-codec.ts';
import { DecryptionError, UnknownKeyError } from '../../../codec/key-errors.ts';
import { openKeyRing } from '../../../codec/key-ring.ts';
import { aFolder, aKey, aLog, aRing } from './key-folder.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

const bytes = fc.uint8Array({ maxLength: 300 });
const encodings = fc.constantFrom('json/plain', 'binary/encrypted', 'binary/null', '').map((text) => Buffer.from(text));
const anyPayload: fc.Arbitrary<Payload> = fc.oneof(
  fc.record({ metadata: fc.dictionary(fc.string(), bytes), data: bytes }, { requiredKeys: [] }),
  fc.record({ metadata: fc.record({ encoding: encodings, 'encryption-key-id': bytes }), data: bytes }),
  fc.constant({ metadata: null, data: null }),
);
const text = (value: string): Payload => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(value)),
});

/** The same for all ways in which a message may be held. */
const wire = (payload: Payload) => Buffer.from(PayloadMessage.encode(payload).finish()).toString('hex');
const metadataOf = ({ metadata }: Payload, name: string) => Buffer.from(metadata?.[name] ?? []).toString();
const codecWith = (files: Record<string, string>) => createAesGcmCodec(aRing(files));

describe('the codec', () => {
  it('gives back any payloads as they were, in their order', async () => {
    const codec = codecWith({ a: aKey() });
    await fc.assert(
      fc.asyncProperty(fc.array(anyPayload, { maxLength: 4 }), async (payloads) => {
        const decoded = await codec.decode(await codec.encode(payloads));
        expect(decoded.map(wire)).toEqual(payloads.map(wire));
      }),
    );
  });

  it('gives back what went over the wire meanwhile', async () => {
    const codec = codecWith({ a: aKey() });
    await fc.assert(
      fc.asyncProperty(anyPayload, async (payload) => {
        const [encoded] = await codec.encode([payload]);
        const [decoded] = await codec.decode([PayloadMessage.decode(PayloadMessage.encode(encoded!).finish())]);
        expect(wire(decoded!)).toBe(wire(payload));
      }),
    );
  });

  it('leaves nothing of a payload to be read, its metadata included, but says with which key', async () => {
    const [encoded] = await codecWith({ 'key-1': aKey() }).encode([
      {
        metadata: { encoding: Buffer.from('json/plain'), note: Buffer.from('secret note') },
        data: Buffer.from('secret'),
      },
    ]);
    expect(Object.keys(encoded!.metadata!)).toEqual(['encoding', 'encryption-key-id']);
    expect(metadataOf(encoded!, 'encoding')).toBe('binary/encrypted');
    expect(metadataOf(encoded!, 'encryption-key-id')).toBe('key-1');
    expect(Buffer.from(encoded!.data!).toString('latin1')).not.toMatch(/secret|json/);
  });

  it('never uses a nonce twice', async () => {
    const encoded = await codecWith({ a: aKey() }).encode(Array.from({ length: 1000 }, () => text('x')));
    expect(new Set(encoded.map(({ data }) => Buffer.from(data!.subarray(0, 12)).toString('hex'))).size).toBe(1000);
    expect(new Set(encoded.map(({ data }) => Buffer.from(data!.subarray(12)).toString('hex'))).size).toBe(1000);
  });

  it('hands through what is not encrypted, untouched', async () => {
    const codec = codecWith({ a: aKey() });
    await fc.assert(
      fc.asyncProperty(anyPayload, async (payload) => {
        fc.pre(metadataOf(payload, 'encoding') !== 'binary/encrypted');
        const [decoded] = await codec.decode([payload]);
        expect(decoded).toBe(payload);
      }),
    );
  });
});

describe('a payload that was changed', () => {
  it('is refused, whichever bit of its data is another', async () => {
    const codec = codecWith({ a: aKey() });
    await fc.assert(
      fc.asyncProperty(anyPayload, fc.nat(), fc.nat(7), async (payload, at, bit) => {
        const [{ metadata, data } = {}] = await codec.encode([payload]);
        const changed = Buffer.from(data!);
        changed[at % changed.length]! ^= 1 << bit;
        await expect(codec.decode([{ metadata: metadata!, data: changed }])).rejects.toBeInstanceOf(DecryptionError);
      }),
    );
  });

  it('is refused, wherever it was cut', async () => {
    const codec = codecWith({ a: aKey() });
    const [{ metadata, data } = {}] = await codec.encode([text('hello')]);
    for (let length = 0; length < data!.length; length += 1) {
      const cut = { metadata: metadata!, data: data!.subarray(0, length) };
      await expect(codec.decode([cut])).rejects.toBeInstanceOf(DecryptionError);
    }
    await expect(codec.decode([{ metadata: metadata!, data: null }])).rejects.toBeInstanceOf(DecryptionError);
  });

  it('is refused under the name of another key, even where that has the same bytes', async () => {
    const key = aKey();
    const codec = codecWith({ a: key, b: key, active: 'a' });
    const [{ metadata, data } = {}] = await codec.encode([text('hello')]);
    const renamed = { metadata: { ...metadata, 'encryption-key-id': Buffer.from('b') }, data: data! };
    await expect(codec.decode([renamed])).rejects.toThrow(/names key "b" cannot be decrypted: it was changed/);
  });

  it('is refused where the key of this name has other bytes', async () => {
    const encoded = await codecWith({ a: aKey() }).encode([text('hello')]);
    await expect(codecWith({ a: aKey() }).decode(encoded)).rejects.toBeInstanceOf(DecryptionError);
  });
});

describe('a rotation', () => {
  it('encrypts with the new key at once, and still decrypts what the old one encrypted', async () => {
    const folder = aFolder({ old: aKey() });
    const codec = createAesGcmCodec(openKeyRing({ folder, log: aLog().log, recheckMs: 0 }));
    const before = await codec.encode([text('before')]);
    writeFileSync(join(folder, 'new'), aKey());
    writeFileSync(join(folder, 'active'), 'new');
    const after = await codec.encode([text('after')]);
    expect([...before, ...after].map((payload) => metadataOf(payload, 'encryption-key-id'))).toEqual(['old', 'new']);
    expect((await codec.decode([...before, ...after])).map(wire)).toEqual([text('before'), text('after')].map(wire));
  });

  it('that removed a key shows by the id of that key, and undone by putting it back', async () => {
    const old = aKey();
    const folder = aFolder({ old });
    const codec = createAesGcmCodec(openKeyRing({ folder, log: aLog().log }));
    const encoded = await codec.encode([text('before')]);
    writeFileSync(join(folder, 'new'), aKey());
    rmSync(join(folder, 'old'));
    const other = createAesGcmCodec(openKeyRing({ folder, log: aLog().log }));
    const failure = await other.decode(encoded).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnknownKeyError);
    expect(failure).toMatchObject({ message: expect.stringContaining('encrypted with key "old"') });
    writeFileSync(join(folder, 'old'), old);
    writeFileSync(join(folder, 'active'), 'new');
    expect((await other.decode(encoded)).map(wire)).toEqual([wire(text('before'))]);
  });
});

describe('an error', () => {
  it('shows neither the key nor the payload, and of a strange key id no more than a line', async () => {
    const key = aKey();
    const codec = codecWith({ a: key });
    await fc.assert(
      fc.asyncProperty(bytes, fc.string({ maxLength: 300 }), async (data, id) => {
        const metadata = { encoding: Buffer.from('binary/encrypted'), 'encryption-key-id': Buffer.from(id) };
        const failure = await codec.decode([{ metadata, data }]).catch((error: unknown) => error);
        const shown = failure instanceof Error ? `${failure.message}${failure.stack}` : '';
        expect(shown).toMatch(/UnknownKeyError|DecryptionError/);
        for (const form of ['base64', 'hex', 'latin1'] as const) {
          expect(shown).not.toContain(Buffer.from(key, 'base64').toString(form));
        }
        expect((failure instanceof Error ? failure.message : '').length).toBeLessThan(900);
        expect(failure instanceof Error ? failure.message : '\n').not.toContain('\n');
      }),
    );
  });
});
