/**
 * The bearer token of CODEC_TOKEN_FILE, and whether a request brings it.
 *
 * Read for each request: a new token takes effect at once, and the last good one stays in force while the file is missing or
 * broken. Compares in constant time; never logs a token.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type ChangeLog, keepLastGood } from '../../runtime/last-good.ts';
import { type FileContent, readNeeded } from '../../runtime/mounted-files.ts';

/** Whether this Authorization header is the right one. */
export type CheckToken = (authorization: string | undefined) => boolean;

/** Throws when the file is wrong from the start. */
export function openTokenCheck(path: string, log: ChangeLog): CheckToken {
  const current = keepLastGood({
    load: () => readNeeded(path),
    parse: (content) => digest(parseToken(path, content)),
    log,
    changed: () => 'The token of CODEC_TOKEN_FILE was read anew and is in force.',
    kept: 'The last good token stays in force.',
  });
  return (authorization) => {
    const [, given = ''] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    // Hashes have one length, so that the time shows nothing of the length either.
    return timingSafeEqual(digest(given), current());
  };
}

function parseToken(path: string, content: FileContent): string {
  if ('unreadable' in content)
    throw new Error(`CODEC_TOKEN_FILE ${path}: the file cannot be read (${content.unreadable}).`);
  const text = content.text.trim();
  if (!/^[\x21-\x7e]{16,}$/.test(text)) {
    throw new Error(`CODEC_TOKEN_FILE ${path}: expected one line of at least 16 printable characters.`);
  }
  return text;
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
