/**
 * Encrypts every payload that goes to Temporal, and decrypts what comes back: AES-256-GCM, a key per id.
 *
 * What is not encrypted is handed through, so that executions from before still read and replay. A whole payload is sealed, its
 * metadata too. Never logs; keeps no key of its own.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { DecryptionError, UnknownKeyError } from './key-errors.ts';
import type { KeyRing } from './key-ring.ts';
import type { Key } from './parse-keys.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

const algorithm = 'aes-256-gcm';
/** Metadata of a sealed payload, as Temporal's own examples have it. */
const encoding = 'binary/encrypted';
const keyIdField = 'encryption-key-id';

/** Data of a sealed payload: nonce, ciphertext, tag. */
const nonceBytes = 12;
const tagBytes = 16;

export function createAesGcmCodec(keys: KeyRing): PayloadCodec {
  return {
    encode: async (payloads) => payloads.map((payload) => seal(payload, keys.active())),
    decode: async (payloads) => payloads.map((payload) => (isSealed(payload) ? open(payload, keys) : payload)),
  };
}

function isSealed({ metadata }: Payload): boolean {
  return textOf(metadata?.['encoding']) === encoding;
}

function seal(payload: Payload, { id, secret }: Key): Payload {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, secret, nonce, { authTagLength: tagBytes });
  const keyId = Buffer.from(id);
  cipher.setAAD(keyId);
  const ciphertext = cipher.update(PayloadMessage.encode(payload).finish());
  return {
    metadata: { encoding: Buffer.from(encoding), [keyIdField]: keyId },
    data: Buffer.concat([nonce, ciphertext, cipher.final(), cipher.getAuthTag()]),
  };
}

function open({ metadata, data }: Payload, keys: KeyRing): Payload {
  const id = textOf(metadata?.[keyIdField]);
  const key = keys.find(id);
  if (key === undefined) throw new UnknownKeyError(id);
  if (data === null || data === undefined || data.length < nonceBytes + tagBytes) {
    throw new DecryptionError(id, 'it is too short');
  }
  const plain = decipher(data, key);
  if (plain === undefined)
    throw new DecryptionError(id, 'it was changed, or the key had other bytes when it was written');
  return PayloadMessage.decode(plain);
}

/** Undefined where the tag does not fit. */
function decipher(data: Uint8Array, { id, secret }: Key): Uint8Array | undefined {
  const end = data.length - tagBytes;
  const decipherer = createDecipheriv(algorithm, secret, data.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipherer.setAAD(Buffer.from(id));
  decipherer.setAuthTag(data.subarray(end));
  const text = decipherer.update(data.subarray(nonceBytes, end));
  try {
    return Buffer.concat([text, decipherer.final()]);
  } catch {
    return undefined;
  }
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return bytes === null || bytes === undefined ? '' : Buffer.from(bytes).toString();
}
