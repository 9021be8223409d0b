/**
 * The certificate of the codec server: read at start, and again for each connection.
 *
 * One that is broken is logged and the last good one stays in force. Never logs what stands in a file.
 */
import { createSecureContext } from 'node:tls';
import { type ChangeLog, keepLastGood } from '../../runtime/last-good.ts';
import { type FileContent, readNeeded } from '../../runtime/mounted-files.ts';

interface Certificate {
  cert: string;
  key: string;
}

interface Files {
  certFile: string;
  keyFile: string;
}

/** Throws a sentence that names the files; the returned function reads them anew, and gives the last good certificate. */
export function openCertificate(files: Files, log: ChangeLog): () => Certificate {
  return keepLastGood({
    load: () => contentsOf(files),
    parse: (contents) => parseCertificate(files, contents),
    log,
    changed: () => 'The certificate was read anew and is in force.',
    kept: 'The last good certificate stays in force.',
  });
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
