/**
 * The certificate of the codec server: read at start, and again while it serves.
 *
 * A renewed certificate is used for new connections; one that is broken is logged and the last good one stays in force. Never
 * logs what stands in a file.
 */
import { createSecureContext } from 'node:tls';
import { type ChangeLog, keepLastGood } from '../../runtime/last-good.ts';
import { type FileContent, readNeeded } from '../../runtime/mounted-files.ts';

export interface Certificate {
  cert: string;
  key: string;
}

interface Files {
  certFile: string;
  keyFile: string;
}

interface Following extends Files {
  /** Takes the new certificate into use. */
  use: (certificate: Certificate) => void;
  everyMs: number;
  log: ChangeLog;
}

/** Throws a sentence that names the files. */
export function readCertificate(files: Files): Certificate {
  return parseCertificate(files, contentsOf(files));
}

/** Keeps no process alive. The returned function ends it. */
export function followCertificate({ use, everyMs, log, ...files }: Following): () => void {
  const current = keepLastGood({
    load: () => contentsOf(files),
    parse: (contents) => parseCertificate(files, contents),
    log,
    changed: () => 'The certificate was read anew and is in force.',
    kept: 'The last good certificate stays in force.',
  });
  let inUse = current();
  const timer = setInterval(() => {
    const certificate = current();
    if (certificate !== inUse) use(certificate);
    inUse = certificate;
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function contentsOf({ certFile, keyFile }: Files): FileContent[] {
  return [certFile, keyFile].map(readNeeded);
}

function parseCertificate({ certFile, keyFile }: Files, contents: readonly FileContent[]): Certificate {
  try {
    const [cert = '', key = ''] = contents.map(textOf);
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new Error(`CODEC_TLS_CERT_FILE ${certFile} and CODEC_TLS_KEY_FILE ${keyFile} cannot be used (${code}).`);
  }
}

function textOf(content: FileContent): string {
  if ('text' in content) return content.text;
  throw Object.assign(new Error('A file cannot be read.'), { code: content.unreadable });
}
