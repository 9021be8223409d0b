/**
 * The additional certificates of KAGENT_CA_FILE, for a Kagent whose certificate no public authority vouches for.
 *
 * The last good certificates stay in force while the file is missing or broken.
 */
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ChangeLog, keepLastGood } from '../../runtime/last-good.ts';
import { readContent } from '../../runtime/mounted-files.ts';

/**
 * Throws a sentence that names the file; the returned function gives the newest good PEM text, and never throws. Undefined where
 * the file's folder waits for it, as that of an optional ConfigMap does.
 */
export function followCa(path: string, log: ChangeLog): () => string | undefined {
  let mayLack = existsSync(dirname(path)); // not there yet is no trouble; gone is one
  return keepLastGood({
    load: () => readContent(path),
    parse: (content) => {
      const pem = content === undefined && mayLack ? undefined : parseCa(path, content);
      mayLack = false;
      return pem;
    },
    log,
    changed: () => 'The certificates of KAGENT_CA_FILE were read anew and are in force.',
    kept: 'The last good ones stay in force.',
  });
}

function parseCa(path: string, content: ReturnType<typeof readContent>): string {
  const setting = `KAGENT_CA_FILE ${path}`;
  if (content === undefined) throw new Error(`${setting}: there is no such file.`);
  if ('unreadable' in content) throw new Error(`${setting}: the file cannot be read (${content.unreadable}).`);
  const begun = content.text.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;
  const whole = content.text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (begun === 0) throw new Error(`${setting}: expected certificates in PEM form, found none.`);
  if (whole.length !== begun || !whole.every(isCertificate)) {
    throw new Error(`${setting}: one of its ${begun} certificate(s) is broken.`);
  }
  return content.text;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}
