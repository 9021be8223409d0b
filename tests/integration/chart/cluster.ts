/**
 * A cluster of the chart's own: what a chart installs is there once per cluster, and other tests have theirs.
 *
 * Started in beforeAll by tests that install. Has namespace kagent-system, where no Pod may be less than locked down.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { stringify } from 'yaml';
import { openRun, type Run } from '../../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../../deploy/local/settings.ts';
import { type Cluster, type ClusterOptions, startCluster } from '../../../deploy/local/start-cluster.ts';
import { chartFolder, type HelmName, helm } from './chart.ts';

export const namespace = 'kagent-system';

type ClusterFlags = Pick<ClusterOptions, 'apiserverFlags' | 'controllerManagerFlags'>;

export interface ChartCluster {
  run: Run;
  /** URL of the API server. */
  server: string;
  kubeconfigPath: string;
  kubectl: (...args: string[]) => Promise<string>;
  /** What is given is applied, all fields being checked; resolves with warnings and results. */
  apply: (objects: readonly object[], ...flags: string[]) => Promise<string>;
  /** `helm install` and its like, of the release kagent-hooks. */
  helm: (name: HelmName, verb: 'install' | 'upgrade' | 'uninstall', values?: object) => Promise<string>;
  /** Commands as people type them, in a folder with these files; kubectl is on PATH and its namespace is ours. */
  shell: (commands: string, files?: Record<string, string>) => Promise<string>;
  /** A kube config, with the one context `account`, of a ServiceAccount. */
  kubeconfigOf: (account: string) => Promise<string>;
  stop: () => Promise<void>;
}

/** `flags` come after ours. */
export async function startChartCluster(flags: ClusterFlags = {}): Promise<ChartCluster> {
  const run = await openRun(readSettings());
  const { kubectl: kubectlPath, ...paths } = inject('enginePaths');
  const { etcd, 'kube-apiserver': apiserver, 'kube-controller-manager': controllers } = paths;
  const servers = { etcd, 'kube-apiserver': apiserver, 'kube-controller-manager': controllers };
  const cluster = await startCluster({ run, paths: servers, unsafeNoFsync: true, ...flags });
  const { kubeconfigPath } = cluster;
  const environment = { ...run.environment, KUBECONFIG: kubeconfigPath };
  const call = (args: readonly string[], input = '') => {
    const { promise, resolve, reject } = Promise.withResolvers<{ stdout: string; stderr: string }>();
    const child = execFile(kubectlPath, [...args], { env: environment }, (error, stdout, stderr) =>
      error === null ? resolve({ stdout, stderr }) : reject(new Error(stderr)),
    );
    child.stdin?.end(input);
    return promise;
  };
  const kubectl = async (...args: string[]) => (await call(args)).stdout;

  await kubectl('config', 'set-context', '--current', `--namespace=${namespace}`);
  await kubectl('create', 'namespace', namespace);
  const labels = ['enforce', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
  await kubectl('label', 'namespace', namespace, ...labels);
  return {
    run,
    server: cluster.server,
    kubeconfigPath,
    kubectl,
    apply: async (objects, ...flags) => {
      const text = objects.map((object) => JSON.stringify(object)).join('\n---\n');
      const { stdout, stderr } = await call(['apply', '--server-side', '--validate=strict', ...flags, '-f', '-'], text);
      return stderr + stdout;
    },
    helm: (name, verb, values = {}) => {
      const chart = verb === 'uninstall' ? ['--wait'] : [chartFolder, '--values', '-'];
      const args = [verb, 'kagent-hooks', ...chart, '--namespace', namespace, '--kubeconfig', kubeconfigPath];
      return helm(name, args, values);
    },
    shell: async (commands, files = {}) => {
      const cwd = mkdtempSync(join(run.folder, 'shell-'));
      for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
      const env = { ...environment, PATH: `${dirname(kubectlPath)}:${run.environment['PATH']}` };
      return (await promisify(execFile)('sh', ['-ec', commands], { cwd, env })).stdout;
    },
    kubeconfigOf: (account) => writeKubeconfig({ run, cluster, account, kubectl }),
    stop: () => run.close(),
  };
}

async function writeKubeconfig(options: {
  run: Run;
  cluster: Cluster;
  account: string;
  kubectl: ChartCluster['kubectl'];
}): Promise<string> {
  const { run, cluster, account, kubectl } = options;
  const token = (await kubectl('create', 'token', account)).trim();
  const name = 'account';
  const path = join(mkdtempSync(join(run.folder, 'account-')), 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: cluster.server, 'certificate-authority': cluster.caPath } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });
  return path;
}
