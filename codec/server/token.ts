/**
 * The bearer token of CODEC_TOKEN_FILE, and whether a request brings it.
 *
 * Opened by main, asked for each request: a new token takes effect at once, and the last good one stays in force while the
 * file is missing or broken. Compares in constant time; never logs a token.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Whether this Authorization header is the right one. */
export type CheckToken = (authorization: string | undefined) => boolean;

/** Throws when the file is wrong from the start. */
export function openTokenCheck(path: string, log: { warn: (message: string) => void }): CheckToken {
  let good = digest(readToken(path));
  let isBroken = false;
  const current = (): Buffer => {
    try {
      good = digest(readToken(path));
      isBroken = false;
    } catch (error) {
      if (!isBroken) log.warn(`${error instanceof Error ? error.message : ''} The last good token stays in force.`);
      isBroken = true;
    }
    return good;
  };
  return (authorization) => {
    const [, given = ''] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    // Hashes have one length, so that the time tells nothing of the length either.
    return timingSafeEqual(digest(given), current());
  };
}

function readToken(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new Error(`CODEC_TOKEN_FILE ${path}: the file cannot be read (${code}).`, { cause: error });
  }
  if (!/^[\x21-\x7e]{16,}$/.test(text)) {
    throw new Error(`CODEC_TOKEN_FILE ${path}: wanted one line of at least 16 printable characters.`);
  }
  return text;
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
