/** The cluster is a real one: kubectl works on it, controllers and scheduler act, and it survives crashes of its parts. */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { expect, inject, it, onTestFinished } from 'vitest';
import { openRun } from '../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { startCluster } from '../../deploy/local/start-cluster.ts';
import { kubeconfigPath } from '../engines/of-worker.ts';

const run = promisify(execFile);

async function kubectl(args: string, kubeconfig = kubeconfigPath()): Promise<string> {
  const { stdout } = await run(inject('enginePaths').kubectl, ['--kubeconfig', kubeconfig, ...args.split(' ')], {
    env: { HOME: tmpdir() },
  });
  return stdout.trim();
}

it('a pod can be made at once, and the scheduler says that no node takes it', async () => {
  const name = `engines-${process.pid}`;
  await kubectl(`run ${name} --image=none`);
  onTestFinished(async () => void (await kubectl(`delete pod ${name} --grace-period=0 --force`)));
  await kubectl(`wait pod/${name} --for=jsonpath={.status.conditions[0].reason}=Unschedulable --timeout=20s`);
  expect(await kubectl(`get pod ${name} -o jsonpath={.status.phase}`)).toBe('Pending');
});

it('a new namespace gets its default ServiceAccount from the controllers', async () => {
  const name = `engines-${process.pid}`;
  await kubectl(`create namespace ${name}`);
  onTestFinished(async () => void (await kubectl(`delete namespace ${name} --wait=false`)));
  await kubectl(`wait serviceaccount/default --namespace=${name} --for=create --timeout=20s`);
});

it('the API server reports its real version, and refuses who has no token', async () => {
  const version = await kubectl('version');
  expect(version).toContain('Server Version: v1.36.3');
  await expect(kubectl('get namespaces --token=wrong')).rejects.toThrow(/Unauthorized|provide credentials/);
});

it('RBAC is on: an account without a role may not read', async () => {
  expect(await kubectl('auth can-i list pods')).toBe('yes');
  await expect(kubectl('get pods --as=nobody')).rejects.toThrow('forbidden');
});

it('etcd and the API server keep their data and their address when they are killed and restarted', {
  timeout: 150_000,
}, async () => {
  const own = await openRun(readSettings());
  onTestFinished(() => own.close());
  const { etcd, 'kube-apiserver': apiserver } = inject('enginePaths');
  const cluster = await startCluster({ run: own, paths: { etcd, 'kube-apiserver': apiserver } });
  await kubectl('create namespace survivor', cluster.kubeconfigPath);
  const before = [cluster.etcd.pid, cluster.apiserver.pid];

  await Promise.all([cluster.etcd.kill(), cluster.apiserver.kill()]);
  await expect(kubectl('get namespace survivor', cluster.kubeconfigPath)).rejects.toThrow('refused');
  await cluster.etcd.restart();
  await cluster.apiserver.restart();

  expect(await kubectl('get namespace survivor -o name', cluster.kubeconfigPath)).toBe('namespace/survivor');
  expect(cluster.etcd.pid).not.toBe(before[0]);
  expect(cluster.apiserver.pid).not.toBe(before[1]);
  expect(cluster.scheduler).toBeUndefined();
  await cluster.stop();
  expect(cluster.etcd.pid).toBeUndefined();
});

it('flags given by the caller reach the API server, and a wrong one is an error that quotes its log', async () => {
  const own = await openRun(readSettings());
  onTestFinished(() => own.close());
  const paths = inject('enginePaths');
  const failure = startCluster({
    run: own,
    paths: { etcd: paths.etcd, 'kube-apiserver': paths['kube-apiserver'] },
    apiserverFlags: ['--no-such-flag'],
  });
  await expect(failure).rejects.toThrow(
    /kube-apiserver ended with code 1 before it was ready[^]*unknown flag: --no-such-flag/,
  );
});
