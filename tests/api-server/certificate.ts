/** A self-signed certificate for 127.0.0.1, made by the openssl program. Used by the fake API server, once per process. */
import { execFileSync } from 'node:child_process';

export interface Certificate {
  key: string;
  cert: string;
}

export function makeCertificate(): Certificate {
  const words = 'req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 1 -keyout - -out - -subj';
  const subject = ['/CN=fake-api-server', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const pem = execFileSync('openssl', [...words.split(' '), ...subject], { stdio: 'pipe' }).toString();
  const partOf = (kind: string) => new RegExp(`-+BEGIN ${kind}-[^]*END ${kind}-+`).exec(pem)![0];
  return { key: partOf('PRIVATE KEY'), cert: partOf('CERTIFICATE') };
}
