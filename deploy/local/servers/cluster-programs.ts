/**
 * The four programs of a cluster as server specifications: flags, log file, and what "ready" means for each.
 *
 * Pure but for the readiness questions; starts nothing.
 */
import { join } from 'node:path';
import type { Run } from '../runs/open-run.ts';
import { answersOk } from './ask-server.ts';
import type { ClusterFiles } from './cluster-files.ts';
import type { ServerSpec } from './start-server.ts';

/** What all four need to know. */
export interface Site {
  run: Run;
  /** Folder of this cluster in the run's folder. */
  folder: string;
  files: ClusterFiles;
  apiServerUrl: string;
}

/** A program, its port, and flags that come last and so win. */
export interface Program {
  path: string;
  port: number;
  flags?: readonly string[];
}

const loopback = '127.0.0.1';

function base({ run, folder }: Site, name: string, path: string) {
  return { name, path, run, logFile: join(folder, `${name}.log`) };
}

export function etcd(site: Site, { path, port, peerPort, flags = [] }: Program & { peerPort: number }): ServerSpec {
  const client = `http://${loopback}:${port}`;
  const peer = `http://${loopback}:${peerPort}`;
  return {
    ...base(site, 'etcd', path),
    args: [
      `--data-dir=${join(site.folder, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--log-level=warn',
      ...flags,
    ],
    isReady: () => answersOk(`${client}/health`),
  };
}

export function kubeApiserver(
  site: Site,
  { path, port, etcdPort, flags = [] }: Program & { etcdPort: number },
): ServerSpec {
  const { files, apiServerUrl } = site;
  return {
    ...base(site, 'kube-apiserver', path),
    args: [
      `--etcd-servers=http://${loopback}:${etcdPort}`,
      `--bind-address=${loopback}`,
      `--advertise-address=${loopback}`,
      `--secure-port=${port}`,
      `--cert-dir=${files.certFolder}`,
      '--service-cluster-ip-range=10.96.0.0/24',
      `--service-account-issuer=${apiServerUrl}`,
      `--service-account-key-file=${files.publicKeyPath}`,
      `--service-account-signing-key-file=${files.privateKeyPath}`,
      '--authorization-mode=RBAC',
      `--token-auth-file=${files.tokensPath}`,
      '--endpoint-reconciler-type=none',
      ...flags,
    ],
    isReady: async () => (await asksApi(site, '/readyz')) && (await asksApi(site, '/api/v1/namespaces/default')),
  };
}

/** Ready also means: pods can be made, because the `default` ServiceAccount is there. */
export function kubeControllerManager(site: Site, program: Program): ServerSpec {
  const spec = kubeClient(site, 'kube-controller-manager', {
    ...program,
    flags: [
      `--service-account-private-key-file=${site.files.privateKeyPath}`,
      `--root-ca-file=${site.files.caPath}`,
      '--use-service-account-credentials=false',
      ...(program.flags ?? []),
    ],
  });
  const hasAccount = () => asksApi(site, '/api/v1/namespaces/default/serviceaccounts/default');
  return { ...spec, isReady: async () => (await spec.isReady()) && (await hasAccount()) };
}

export function kubeScheduler(site: Site, program: Program): ServerSpec {
  return kubeClient(site, 'kube-scheduler', program);
}

function kubeClient(site: Site, name: string, { path, port, flags = [] }: Program): ServerSpec {
  const { folder, files } = site;
  const certFolder = join(folder, name);
  return {
    ...base(site, name, path),
    args: [
      `--kubeconfig=${files.kubeconfigPath}`,
      `--authentication-kubeconfig=${files.kubeconfigPath}`,
      `--authorization-kubeconfig=${files.kubeconfigPath}`,
      `--bind-address=${loopback}`,
      `--secure-port=${port}`,
      `--cert-dir=${certFolder}`,
      '--leader-elect=false',
      ...flags,
    ],
    isReady: () => answersOk(`https://${loopback}:${port}/healthz`, { caPath: join(certFolder, `${name}.crt`) }),
  };
}

function asksApi({ apiServerUrl, files }: Site, path: string): Promise<boolean> {
  return answersOk(`${apiServerUrl}${path}`, { caPath: files.caPath, token: files.token });
}
