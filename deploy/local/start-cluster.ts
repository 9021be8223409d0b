/**
 * Starts a real Kubernetes control plane on loopback: etcd, API server and, where their
 * paths are given, scheduler and controllers. There is no node and no kubelet: the caller writes what a kubelet would report.
 */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from './runs/open-run.ts';
import { writeClusterFiles } from './servers/cluster-files.ts';
import {
  etcd,
  kubeApiserver,
  kubeControllerManager,
  kubeScheduler,
  type Program,
  type Site,
} from './servers/cluster-programs.ts';
import { findFreePort } from './servers/find-free-port.ts';
import { type Server, type ServerSpec, startServer } from './servers/start-server.ts';

export interface ClusterOptions {
  run: Run;
  /** Paths of the programs; scheduler and controller manager are started where their path is given. */
  paths: {
    etcd: string;
    'kube-apiserver': string;
    'kube-scheduler'?: string;
    'kube-controller-manager'?: string;
  };
  /** Flags that come after ours, for example `--event-ttl=10m`. */
  apiserverFlags?: readonly string[];
  controllerManagerFlags?: readonly string[];
  /** Spares the disk; for those who do not test what survives a power cut. */
  unsafeNoFsync?: boolean;
}

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

/** Resolves when the API is ready and, where the controller manager runs, pods can be made in namespace `default`. */
export async function startCluster(options: ClusterOptions) {
  const started: Server[] = [];
  const start = async (spec: ServerSpec) => {
    const server = await startServer(spec);
    started.push(server);
    return server;
  };
  /**
   * Stops all programs. Clients end before their server, or they would wait for it while they end. Data stay until the run is
   * closed, so that each can be restarted.
   */
  const stop = async () => {
    for (const server of started.toReversed()) await server.stop();
  };
  try {
    return { ...(await startPrograms(options, start)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startPrograms(options: ClusterOptions, start: typeof startServer) {
  const { run, paths, apiserverFlags = [], controllerManagerFlags = [] } = options;
  const port = await findFreePort();
  const server = `https://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(run.folder, 'cluster-'));
  const files = await writeClusterFiles(folder, server);
  const site: Site = { run, folder, files, apiServerUrl: server };
  const etcdPorts = { port: await findFreePort(), peerPort: await findFreePort() };
  const etcdFlags = options.unsafeNoFsync === true ? ['--unsafe-no-fsync'] : [];
  const startIfGiven = async (path: string | undefined, specOf: (program: Program) => ServerSpec) =>
    path === undefined ? undefined : start(specOf({ path, port: await findFreePort() }));
  return {
    /** URL of the API server. */
    server,
    kubeconfigPath: files.kubeconfigPath,
    /** The certificate to trust. */
    caPath: files.caPath,
    etcd: await start(etcd(site, { path: paths.etcd, ...etcdPorts, flags: etcdFlags })),
    apiserver: await start(
      kubeApiserver(site, { path: paths['kube-apiserver'], port, etcdPort: etcdPorts.port, flags: apiserverFlags }),
    ),
    scheduler: await startIfGiven(paths['kube-scheduler'], (program) => kubeScheduler(site, program)),
    controllerManager: await startIfGiven(paths['kube-controller-manager'], (program) =>
      kubeControllerManager(site, { ...program, flags: controllerManagerFlags }),
    ),
  };
}
