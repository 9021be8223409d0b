/** A private certificate authority, made by the openssl program in a folder. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from './api-server/certificate.ts';

export interface Authority {
  cert: string;
  certFile: string;
  /** A certificate for these names (`DNS:kagent.test,IP:127.0.0.1`), good for servers and clients. */
  issue: (name: string, subjectAltName: string) => Certificate;
}

export function makeAuthority(folder: string, name: string): Authority {
  const at = (file: string) => join(folder, `${name}-${file}`);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const openssl = (...words: string[]) =>
    execFileSync('openssl', ['req', '-x509', ...newKey, ...words], { stdio: 'pipe' });
  const read = (file: string) => readFileSync(at(file), 'utf8');
  openssl('-subj', `/CN=${name}`, '-keyout', at('ca.key'), '-out', at('ca.crt'));
  const signer = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-addext', 'basicConstraints=critical,CA:false'];
  return {
    cert: read('ca.crt'),
    certFile: at('ca.crt'),
    issue: (subject, subjectAltName) => {
      const names = ['-subj', `/CN=${subject}`, '-addext', `subjectAltName=${subjectAltName}`];
      openssl(...signer, ...names, '-keyout', at(`${subject}.key`), '-out', at(`${subject}.crt`));
      return { key: read(`${subject}.key`), cert: read(`${subject}.crt`) };
    },
  };
}
