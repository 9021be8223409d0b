/**
 * The files that the programs of a cluster share: admin token, keys for service account tokens, kubeconfig. Only the
 * user can read them.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

export type ClusterFiles = Awaited<ReturnType<typeof writeClusterFiles>>;

/** Makes the folder and fills it; `server` is the URL of the API server. */
export async function writeClusterFiles(folder: string, server: string) {
  const certFolder = join(folder, 'kube-apiserver');
  const files = {
    /** Where the API server writes its certificate; clients trust exactly this file. */
    certFolder,
    caPath: join(certFolder, 'apiserver.crt'),
    token: randomBytes(24).toString('hex'),
    tokensPath: join(folder, 'tokens.csv'),
    privateKeyPath: join(folder, 'service-account.key'),
    publicKeyPath: join(folder, 'service-account.pub'),
    kubeconfigPath: join(folder, 'kubeconfig'),
  };
  await mkdir(certFolder, { recursive: true, mode: 0o700 });
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeSecret(files.privateKeyPath, keys.privateKey);
  await writeSecret(files.publicKeyPath, keys.publicKey);
  await writeSecret(files.tokensPath, `${files.token},local-admin,local-admin,"system:masters"\n`);
  await writeSecret(files.kubeconfigPath, stringify(kubeconfig(server, files)));
  return files;
}

function writeSecret(path: string, text: string): Promise<void> {
  return writeFile(path, text, { mode: 0o600 });
}

function kubeconfig(server: string, { caPath, token }: { caPath: string; token: string }): object {
  const name = 'kagent-hooks-local';
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority': caPath } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
}
