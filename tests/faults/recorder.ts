/**
 * A way to the API server that remembers what is asked through it, word for word.
 *
 * Shows which paths a watcher requested. Passes everything on unchanged, with the credentials that it came with.
 */
import { writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:https';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { makeCertificate } from '../api-server/certificate.ts';

export interface Recorder {
  /** Leads a client here instead. */
  kubeconfigPath: string;
  /** As they stood in the first line of each request: `GET /api/v1/pods?limit=500`. */
  asked: readonly string[];
  close: () => Promise<void>;
}

/** `kubeconfigPath` is that of the real server; the folder is for the files of this one. */
export async function createRecorder(kubeconfigPath: string, folder: string): Promise<Recorder> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error('The kubeconfig names no cluster.');
  const behind: { ca?: string } = {};
  await config.applyToHTTPSOptions(behind);
  const { key, cert } = makeCertificate();
  const asked: string[] = [];
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    asked.push(`${method} ${url}`);
    const sent = request(cluster.server, { path: url, method, headers, ca: behind.ca });
    sent.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      outgoing.flushHeaders(); // a watch may have nothing to say for a while
      answer.pipe(outgoing);
    });
    sent.on('error', () => outgoing.destroy());
    outgoing.on('close', () => sent.destroy());
    incoming.pipe(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The recorder has no port.');
  return {
    kubeconfigPath: await writeKubeconfig(config, { server: `https://127.0.0.1:${address.port}`, cert, folder }),
    asked,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function writeKubeconfig(config: KubeConfig, to: { server: string; cert: string; folder: string }) {
  const [name, token] = [config.getCurrentContext(), config.getCurrentUser()?.token];
  const path = join(to.folder, 'kubeconfig-recorder');
  const authority = Buffer.from(to.cert).toString('base64');
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: to.server, 'certificate-authority-data': authority } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  await writeFile(path, JSON.stringify(kubeconfig), { mode: 0o600 });
  return path;
}
