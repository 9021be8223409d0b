/**
 * The certificate of the codec server: read at start, and again while it serves.
 *
 * Called by main where both files are set. A renewed certificate is used for new connections; one that is broken is logged
 * and the last good one stays in force. Never logs what stands in a file.
 */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

export interface Certificate {
  cert: string;
  key: string;
}

interface Files {
  certFile: string;
  keyFile: string;
}

export interface Following extends Files {
  /** Takes the new certificate into use. */
  use: (certificate: Certificate) => void;
  everyMs: number;
  log: { info: (message: string) => void; warn: (message: string) => void };
}

/** Throws a sentence that names the files. */
export function readCertificate({ certFile, keyFile }: Files): Certificate {
  try {
    const certificate = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    createSecureContext(certificate);
    return certificate;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new Error(`CODEC_TLS_CERT_FILE ${certFile} and CODEC_TLS_KEY_FILE ${keyFile} cannot be used (${code}).`);
  }
}

/** Keeps no process alive. The returned function ends it. */
export function followCertificate(following: Following): () => void {
  const { use, everyMs, log } = following;
  let judged = judge(following);
  const timer = setInterval(() => {
    const now = judge(following);
    if (now.print === judged.print) return;
    judged = now;
    if (now.certificate === undefined) {
      log.warn(`${now.print} The last good certificate stays in force.`);
      return;
    }
    use(now.certificate);
    log.info('The certificate was read anew and is in force.');
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Read, or the sentence why not; two that print the same need no second look. */
function judge(files: Files): { certificate?: Certificate; print: string } {
  try {
    const certificate = readCertificate(files);
    return { certificate, print: certificate.cert };
  } catch (error) {
    return { print: error instanceof Error ? error.message : String(error) };
  }
}
