/** Which keys are in force, what is refused, and that nobody is shown a key. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openKeyRing } from '../../../codec/key-ring.ts';
import { aFolder, aKey, aLog, mountVersion } from './key-folder.ts';

const open = (folder: string, recheckMs = 0) => openKeyRing({ folder, log: aLog().log, recheckMs });
const complaintAbout = (files: Record<string, string>) => {
  const folder = aFolder(files);
  try {
    open(folder);
  } catch (error) {
    return (error instanceof Error ? error.message : '').replaceAll(folder, 'FOLDER');
  }
  return 'none';
};

describe('the key that encrypts', () => {
  it('is the only one, where there is one', () => {
    expect(open(aFolder({ '2026-09': aKey() })).active().id).toBe('2026-09');
  });

  it('is the one that the file active names, white space around it left out', () => {
    const ring = open(aFolder({ a: aKey(), b: `${aKey()}\n`, active: ' b\n' }));
    expect([ring.active().id, ring.find('a')?.id, ring.find('c')]).toEqual(['b', 'a', undefined]);
  });

  it('has the bytes of its file', () => {
    const key = aKey();
    expect(
      open(aFolder({ a: key }))
        .active()
        .secret.export()
        .toString('base64'),
    ).toBe(key);
  });
});

describe('a key folder is refused', () => {
  it.each([
    ['without any key', {}, /there is no key/],
    ['with several keys and no word which one encrypts', { a: aKey(), b: aKey() }, /active: is missing; .*: a, b\./],
    ['where active names no key', { a: aKey(), active: 'b' }, /active: names none of the keys: a\./],
    ['where active is empty', { a: aKey(), active: '' }, /active: names none/],
    ['with a key of 16 bytes', { a: Buffer.alloc(16).toString('base64') }, /a: expected the base64 of 32 bytes/],
    ['with a key of 33 bytes', { a: Buffer.alloc(33).toString('base64') }, /a: expected the base64 of 32 bytes/],
    ['with a key of raw bytes', { a: 'x'.repeat(32) }, /a: expected the base64 of 32 bytes/],
    ['with a key in the alphabet of URLs', { a: `${'_'.repeat(42)}8=` }, /a: expected the base64 of 32 bytes/],
    ['with a key in two lines', { a: aKey().replace(/^.{20}/, '$&\n') }, /a: expected the base64 of 32 bytes/],
    ['with a file whose name is no id', { a: aKey(), 'b c': aKey() }, /b c: expected a name of letters/],
    ['with a hidden file', { a: aKey(), '.b': aKey() }, /\.b: expected a name of letters/],
  ])('%s', (_, files, complaint) => {
    expect(complaintAbout(files)).toMatch(complaint);
  });

  it('that is not there', () => {
    expect(() => open('/does-not-exist')).toThrow(/key folder \/does-not-exist cannot be read \(ENOENT\)/);
  });

  it('with every problem at once', () => {
    expect(complaintAbout({ a: '', b: 'x', c: aKey() })).toMatch(/2 problem\(s\):\n {2}a: .*;\n {2}b: /);
  });

  it('without a word of what stands in its files, whatever that is', () => {
    const text = fc.oneof(
      fc.string({ minLength: 5 }),
      fc.uint8Array({ minLength: 20, maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
    );
    const shown = complaintAbout({ a: '?', b: '?', active: '?' }) + complaintAbout({ a: aKey(), active: '?' });
    fc.assert(
      fc.property(text, text, text, fc.boolean(), (a, b, active, isGood) => {
        const values = [a, b, active].map((value) => value.trim()).filter((value) => value.length > 4);
        // Only among good keys is it asked what stands in active.
        const complaint = complaintAbout(isGood ? { a: aKey(), b: aKey(), active } : { a, b, active });
        for (const value of values) if (!shown.includes(value)) expect(complaint).not.toContain(value);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a key', () => {
  it('shows nothing of itself when it is printed or written as JSON', () => {
    const ring = open(aFolder({ a: aKey() }));
    const bytes = ring.active().secret.export();
    for (const text of [inspect(ring.active(), { depth: 9, showHidden: true }), JSON.stringify(ring.active())]) {
      for (const form of ['base64', 'hex', 'latin1'] as const) expect(text).not.toContain(bytes.toString(form));
      expect(text).not.toContain([...bytes.subarray(0, 4)].join(', '));
    }
  });
});

describe('a folder that changes', () => {
  it('is in force at once when the kubelet turns its link, old keys included only if they are still there', () => {
    const folder = aFolder();
    const [old, young] = [aKey(), aKey()];
    mountVersion(folder, '..1', { old });
    const ring = open(folder);
    mountVersion(folder, '..2', { old, young, active: 'young' }, '..1');
    expect([ring.active().id, ring.find('old')?.id]).toEqual(['young', 'old']);
    mountVersion(folder, '..3', { young }, '..2');
    rmSync(join(folder, 'old'));
    expect([ring.active().id, ring.find('old')]).toEqual(['young', undefined]);
  });

  it('that turned wrong leaves the last good keys in force, and is logged once, without a key', () => {
    const [a, b] = [aKey(), aKey()];
    const folder = aFolder({ a });
    const { lines, log } = aLog();
    const ring = openKeyRing({ folder, log, recheckMs: 0 });
    writeFileSync(join(folder, 'b'), b);
    writeFileSync(join(folder, 'active'), a);
    for (let n = 0; n < 3; n += 1) expect(ring.active().id).toBe('a');
    expect(lines).toEqual([expect.stringMatching(/active: names none of the keys: a, b\. The last good keys stay/)]);
    writeFileSync(join(folder, 'active'), 'b');
    expect(ring.active().id).toBe('b');
    rmSync(folder, { recursive: true });
    expect([ring.active().id, ring.find('a')?.id]).toEqual(['b', 'a']);
    expect(lines.slice(1)).toEqual([
      'The encryption keys were read anew: a, b; b encrypts.',
      expect.stringMatching(/cannot be read \(ENOENT\)\. The last good keys stay in force/),
    ]);
    for (const key of [a, b]) expect(lines.join()).not.toContain(key);
    mkdirSync(folder); // the test's end removes it
  });

  it('is not read for every payload, and at once for a key that is missing', () => {
    const folder = aFolder({ a: aKey() });
    const ring = open(folder, 3_600_000);
    writeFileSync(join(folder, 'b'), aKey());
    writeFileSync(join(folder, 'active'), 'b');
    expect(ring.active().id).toBe('a');
    expect(ring.find('b')?.id).toBe('b');
    expect(ring.active().id).toBe('b');
  });
});
