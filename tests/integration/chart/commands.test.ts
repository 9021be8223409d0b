/** Install, the commands of the specification as they are printed, upgrade, uninstall: with Helm 4, and where it is asked for with 3 and from 3 to 4. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { untilEstablished } from '../../../deploy/local/until-established.ts';
import { readConfig as readWatcherConfig } from '../../../watcher/config.ts';
import { readHook } from '../../../watcher/hooks/live-hook.ts';
import { readConfig as readWorkerConfig } from '../../../workers/config.ts';
import { makeCertificate } from '../../api-server/certificate.ts';
import { readDocumentation } from '../../documentation.ts';
import { startFakeKagent } from '../../fake-kagent/server.ts';
import { quoteWith } from '../../specification.ts';
import {
  type Container,
  chartFolder,
  containerOf,
  environmentOf,
  type HelmName,
  helms,
  podOf,
  render,
  required,
  the,
} from './chart.ts';
import { type ChartCluster, startChartCluster } from './cluster.ts';

const controller = 'kagent-hook-controller';
const hasCurl = spawnSync('curl', ['--version']).status === 0;

let cluster: ChartCluster;
beforeAll(async () => {
  cluster = await startChartCluster();
});
afterEach(() => cluster.shell('kubectl delete secret,configmap,deployment --all --wait=true'));
afterAll(() => cluster?.stop());

const Live = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) });
const liveOf = async (what: string) =>
  Live.parse(JSON.parse(await cluster.kubectl('get', ...what.split(' '), '-o=json')));

const containersNow = async (): Promise<[Container, Container]> => {
  const pod = podOf(await liveOf(`deployment ${controller}`));
  return [containerOf(pod, 'worker'), containerOf(pod, 'watcher')];
};

const upgrades: readonly [HelmName, HelmName][] = helms.flatMap((first): [HelmName, HelmName][] =>
  first === 'helm'
    ? [[first, 'helm']]
    : [
        [first, first],
        [first, 'helm'],
      ],
);

describe.each(upgrades)('installed with %s, upgraded with %s', (first, second) => {
  it('what was set by the printed commands stays, what the values change changes, and a Hook outlives the release', async () => {
    await cluster.helm(first, 'install', required);
    onTestFinished(async () => void (await cluster.helm(second, 'uninstall').catch(() => undefined)));
    await untilEstablished((args) => cluster.kubectl(...args));
    await cluster.shell(quoteWith('kubectl create secret'));
    await cluster.shell(quoteWith('kubectl patch secret'));
    await cluster.shell(quoteWith('kubectl create configmap'), { 'your-ca.crt': makeCertificate().cert });
    await cluster.shell(quoteWith('HTTP_PROXY'));
    const [setLogLevel = ''] = quoteWith('LOG_LEVEL=debug').split('\n');
    await cluster.shell(setLogLevel);

    const changed = { ...required, image: { ...required.image, tag: 'next' }, clusterName: 'prod-cluster-1' };
    for (const values of [required, changed, changed]) {
      await cluster.helm(second, 'upgrade', values);
      const [worker, watcher] = await containersNow();
      expect(readWorkerConfig(environmentOf(worker))).toMatchObject({
        LOG_LEVEL: 'debug',
        HTTP_PROXY: 'http://proxy:8080',
      });
      expect(readWatcherConfig(environmentOf(watcher)).LOG_LEVEL).toBe('debug');
    }
    const [worker, watcher] = await containersNow();
    expect([worker.image, watcher.image]).toEqual([0, 1].map(() => 'registry.example/kagent-hooks:next'));
    expect(readWatcherConfig(environmentOf(watcher)).CLUSTER_NAME).toBe('prod-cluster-1');
    expect(await secretNow()).toMatchObject({ timeout: '60s', 'base-url': 'https://api.kagent.dev' });

    await cluster.apply([aHook]);
    await cluster.helm(second, 'uninstall');
    expect((await liveOf('hook outlives')).metadata.name).toBe('outlives');
    await cluster.helm(first, 'install', required);
    expect((await liveOf('crd hooks.kagent.dev')).metadata).toMatchObject({
      annotations: { 'helm.sh/resource-policy': 'keep' },
    });
    await cluster.kubectl('delete', 'hook', 'outlives');
  });
});

it('the labels of the documentation reach the workers of both Deployments, and nothing else', async () => {
  await cluster.helm('helm', 'install', {
    ...required,
    worker: { extra: { enabled: true } },
    temporal: { dev: { enabled: true } },
    encryption: { secretName: 'keys', server: { enabled: true, tokenSecret: 'token' } },
  });
  const documentation = readDocumentation();
  const [command = ''] = /^kubectl .* set env deployment -l .*$/m.exec(documentation) ?? [];
  await cluster.shell(command);
  const Deployments = z.object({ items: z.array(Live) });
  const { items } = Deployments.parse(JSON.parse(await cluster.kubectl('get', 'deployments', '-o=json')));
  const atDebug = items.filter((deployment) => JSON.stringify(deployment).includes('LOG_LEVEL'));
  expect(items).toHaveLength(4);
  expect(atDebug.map(({ metadata }) => metadata.name)).toEqual([controller, `${controller}-workers`]);
  const [, labels = ''] = /^kubectl .* logs -l '(.*?)' -c worker/m.exec(documentation) ?? [];
  const pods = items.filter((deployment) => podOf(deployment).containers.some(({ name }) => name === 'worker'));
  const selected = await cluster.kubectl('get', 'deployments', '--output=name', `--selector=${labels}`);
  expect(selected.trim().split('\n')).toEqual(pods.map(({ metadata }) => `deployment.apps/${metadata.name}`));
  await cluster.helm('helm', 'uninstall');
});

const aHook = {
  apiVersion: 'kagent.dev/v1alpha2',
  kind: 'Hook',
  metadata: { name: 'outlives', namespace: 'kagent-system' },
  spec: { eventConfigurations: [{ eventType: 'oom-kill', agentRef: { name: 'a' }, prompt: 'Look.' }] },
};

async function secretNow(): Promise<Record<string, string>> {
  const { data } = z
    .object({ data: z.record(z.string(), z.base64()) })
    .parse(JSON.parse(await cluster.kubectl('get', 'secret', 'kagent-credentials', '-o=json')));
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]));
}

it('the Secret and the ConfigMap of the printed commands are those that the worker mounts, in the namespace of the release', async () => {
  const pod = podOf(the(await render(required), 'Deployment'));
  const names = [
    /kubectl create secret generic (\S+)/.exec(quoteWith('kubectl create secret'))?.[1],
    /kubectl create configmap (\S+) --from-file=ca\.crt=/.exec(quoteWith('kubectl create configmap'))?.[1],
  ];
  const { volumes } = pod;
  const secret = { secretName: names[0], defaultMode: 0o440, optional: true };
  expect(volumes).toContainEqual(expect.objectContaining({ secret }));
  expect(volumes).toContainEqual(expect.objectContaining({ configMap: { name: names[1], optional: true } }));
  for (const command of ['kubectl exec', 'HTTP_PROXY', 'LOG_LEVEL=debug']) {
    expect(quoteWith(command)).toContain(`deployment/${controller}`);
  }
});

it('the five commands of the README install it beside a stock Kagent, without a Secret, with a Hook that is acted upon', async () => {
  await cluster.kubectl('delete', 'namespace', 'kagent-system', '--wait');
  onTestFinished(async () => void (await cluster.helm('helm', 'uninstall').catch(() => undefined)));
  const documentation = readDocumentation();
  const section = documentation.slice(documentation.indexOf('### With a stock Kagent in five commands'));
  const [, printed = ''] = /```bash\n([^]*?)```/.exec(section) ?? [];
  expect(printed.match(/^(kubectl|helm) /gm)).toHaveLength(5);
  expect(printed).not.toMatch(/secret|key/i);
  const bin = mkdtempSync(join(cluster.run.folder, 'bin-'));
  symlinkSync(inject('enginePaths').helm, join(bin, 'helm'));
  // There is no kubelet; what is waited for here is what a rollout takes longer than.
  const commands = printed
    .replace(/^kubectl .*rollout status.*$/m, 'kubectl wait --for=condition=Established crd/hooks.kagent.dev')
    .replace('REGISTRY', 'registry.example')
    .replace('HOST:7233', 'temporal.example:7233')
    .replace('deploy/chart', chartFolder);
  const said = await cluster.shell(`export PATH=${bin}:$PATH\n${commands}`);
  expect(said).toMatch(/STATUS: deployed[^]*at http:\/\/kagent-controller\.kagent\.svc:8083[^]*\nNAME +READY/);
  const hook = readHook(await liveOf('hook restarts --namespace default'));
  expect(hook).toMatchObject({ problems: [], configurations: [{ agent: { namespace: 'kagent', name: 'k8s-agent' } }] });
  const pod = podOf(await liveOf(`deployment ${controller}`));
  expect(pod.volumes).toContainEqual(expect.objectContaining({ secret: expect.objectContaining({ optional: true }) }));
  expect(await cluster.kubectl('get', 'secrets', '--output=name')).not.toContain('kagent-credentials');
});

describe.runIf(hasCurl)('curl in the container of the worker', () => {
  /** The init container's program, in a folder instead of a container. */
  async function bundleOf(files: Record<string, string>): Promise<string> {
    const folder = mkdtempSync(join(cluster.run.folder, 'curl-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const pod = podOf(the(await render(required), 'Deployment'));
    const [, ...args] = containerOf(pod, 'curl-ca').command.map((part) =>
      part.replaceAll('/etc/kagent/ca', folder).replaceAll("'/tmp", `'${folder}`),
    );
    await promisify(execFile)(process.execPath, args, { env: {} });
    return join(folder, 'ca-bundle.crt');
  }

  it('trusts the ConfigMap beside the well-known authorities, and only these without it', async () => {
    const tls = makeCertificate();
    const kagent = await startFakeKagent({ apiKey: 'k', tls });
    onTestFinished(() => kagent.stop());
    const curl = async (CURL_CA_BUNDLE: string) =>
      promisify(execFile)(
        'curl',
        ['--silent', '--show-error', '-H', 'Authorization: Bearer k', `${kagent.url}/health`],
        {
          env: { PATH: process.env['PATH'], CURL_CA_BUNDLE },
        },
      );
    const withOurs = await bundleOf({ 'ca.crt': tls.cert });
    expect((await curl(withOurs)).stdout).toContain('ok');
    const without = await bundleOf({});
    await expect(curl(without)).rejects.toThrow(/certificate/);
    const count = (path: string) => readFileSync(path, 'utf8').match(/BEGIN CERTIFICATE/g)?.length ?? 0;
    expect(count(without)).toBeGreaterThan(50);
    expect(count(withOurs)).toBe(count(without) + 1);
  });
});
