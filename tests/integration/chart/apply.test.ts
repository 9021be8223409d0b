/** What a real API server makes of each rendered object, with all fields checked and nothing but locked-down Pods let in. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { untilEstablished } from '../../../deploy/local/until-established.ts';
import { helms, podOf, render, required, the, valueSets } from './chart.ts';
import { type ChartCluster, namespace, startChartCluster } from './cluster.ts';

let cluster: ChartCluster;

beforeAll(async () => {
  cluster = await startChartCluster();
  for (const name of ['shop', 'payments']) await cluster.kubectl('create', 'namespace', name);
  const others = [
    { group: 'monitoring.coreos.com', version: 'v1', kinds: ['ServiceMonitor', 'PodMonitor', 'PrometheusRule'] },
    { group: 'keda.sh', version: 'v1alpha1', kinds: ['ScaledObject'] },
  ];
  const crds = others.flatMap(({ group, version, kinds }) => kinds.map((kind) => aCrd({ group, version, kind })));
  await cluster.apply(crds);
  await untilEstablished((args) => cluster.kubectl(...args), { crds: ['crd', '--all'] });
});
afterAll(() => cluster?.stop());

/** As little as lets objects of somebody else's kind be taken. */
function aCrd({ group, version, kind }: { group: string; version: string; kind: string }) {
  const plural = `${kind.toLowerCase()}s`;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}

const cases = Object.entries(valueSets).flatMap(([name, values]) => helms.map((by) => [name, by, values] as const));

it.each(cases)('all objects of the values %s, rendered by %s, are taken without a warning', async (_, by, values) => {
  const objects = await render(values, { with: by });
  const said = (await cluster.apply(objects, '--dry-run=server')).trim().split('\n');
  expect(said).toHaveLength(objects.length);
  for (const line of said) expect(line).toMatch(/ serverside-applied \(server dry run\)$/);
});

it('Pods of all workloads are let into a namespace that admits restricted ones only', async () => {
  const workloads = (await render(valueSets.everything)).filter(({ kind }) => ['Deployment', 'Job'].includes(kind));
  const pods = workloads.map((workload) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: workload.metadata.name, namespace },
    // The ServiceAccount is not there before the release is.
    spec: { ...podOf(workload), serviceAccountName: 'default' },
  }));
  expect(await cluster.apply(pods, '--dry-run=server')).not.toContain('Warning');
  const [pod] = pods;
  const loose = { ...pod, spec: { ...pod?.spec, securityContext: {} } };
  await expect(cluster.apply([loose], '--dry-run=server')).rejects.toThrow('violates PodSecurity');
});

it('whoever may edit a namespace may write Hooks there and not their status; whoever may view it may read them', async () => {
  const expected = /-(edit|view)$|^hooks\./;
  await cluster.apply((await render(required)).filter(({ metadata }) => expected.test(metadata.name)));
  for (const role of ['edit', 'view']) {
    await cluster.kubectl('create', 'rolebinding', role, `--clusterrole=${role}`, `--user=${role}`);
  }
  const can = async (user: string, ...verbAndWhat: string[]) =>
    (await cluster.kubectl('auth', 'can-i', ...verbAndWhat, `--as=${user}`).catch(() => 'no')).trim();
  await expect.poll(() => can('edit', 'patch', 'hooks.kagent.dev'), { timeout: 20_000 }).toBe('yes');
  await expect.poll(() => can('view', 'watch', 'hooks.kagent.dev'), { timeout: 20_000 }).toBe('yes');
  expect(await can('view', 'create', 'hooks.kagent.dev')).toBe('no');
  expect(await can('edit', 'patch', 'hooks.kagent.dev', '--subresource=status')).toBe('no');
});

it('the ClusterRoles of two installations do not meet', async () => {
  const names = async (release: string) =>
    (await render(required, { release }))
      .filter(({ kind }) => kind.startsWith('ClusterRole'))
      .map((o) => o.metadata.name);
  const [one, two] = [await names('one'), await names('two')];
  expect(one.filter((name) => two.includes(name))).toEqual([]);
  expect(the(await render(required), 'Deployment').metadata.namespace).toBe(namespace);
});
