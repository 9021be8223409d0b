/**
 * What can be wrong with an encrypted payload: its key is not here, or its bytes are not what was written.
 *
 * Never names anything but the key id. Both may be tried again: with the key back in its folder the same payload decodes.
 */

export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError';

  constructor(keyId: string) {
    super(
      `The payload was encrypted with key ${shown(keyId)}, and there is no such key here; add it to the key folder.`,
    );
  }
}

export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';

  constructor(keyId: string, problem: string) {
    super(`The payload that names key ${shown(keyId)} cannot be decrypted: ${problem}.`);
  }
}

/** The id comes out of a payload: anything may stand there. */
function shown(keyId: string): string {
  return JSON.stringify(keyId.length > 100 ? `${keyId.slice(0, 100)}…` : keyId);
}
