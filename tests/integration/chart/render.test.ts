/** What the chart renders, with Helm 4, and with 3 where it is asked for: names, environment, who sees which secret, and what it refuses. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfig as readCodecConfig } from '../../../codec/server/config.ts';
import { makeCrd, printCrd } from '../../../deploy/generate-crd.ts';
import { readConfig as readWatcherConfig } from '../../../watcher/config.ts';
import { readConfig as readWorkerConfig } from '../../../workers/config.ts';
import { stockAddress } from '../../../workers/secrets/base-url.ts';
import { readCredentials } from '../../../workers/secrets/credentials.ts';
import { searchAttributeTypes } from '../../../workflows/contract/plain/names.ts';
import { readDocumentation } from '../../documentation.ts';
import {
  beside,
  type Container,
  chartFolder,
  containerOf,
  environmentOf,
  everything,
  type HelmName,
  helm,
  helms,
  type KubeObject,
  namespaced,
  type PodSpec,
  podOf,
  render,
  required,
  the,
  valueSets,
} from './chart.ts';

const controller = 'kagent-hook-controller';
const podOfController = async (values: object = required) => podOf(the(await render(values), 'Deployment', controller));

const isWorkload = ({ kind }: KubeObject) => ['Deployment', 'Job', 'Pod'].includes(kind);
const all = ({ initContainers, containers }: PodSpec) => [...initContainers, ...containers];

const Refused = z.object({ message: z.string() });
async function refusal(values: object, name: HelmName = 'helm'): Promise<string> {
  return render(values, { with: name }).then(
    () => 'it was taken',
    (error: unknown) => Refused.parse(error).message,
  );
}

describe.each(helms)('with %s', (name) => {
  it.each(Object.entries(valueSets))('lint has nothing against the values %s', async (_, values) => {
    expect(await helm(name, ['lint', '--strict', chartFolder, '--values', '-'], values)).toContain('0 chart(s) failed');
  });

  it.each([
    ['no image', {}, /repository/],
    [
      'an empty image.repository',
      { ...required, image: { repository: '' } },
      /image[./]repository.*(length|minLength)/is,
    ],
    ['a key that is not there', { ...required, wacher: {} }, /wacher/],
    ['a key that is not there, further down', { ...required, watch: { namespace: ['a'] } }, /watch.*namespace/is],
    [
      'an address with a scheme',
      { ...required, temporal: { address: 'https://temporal:7233' } },
      /temporal[./]address/,
    ],
    ['no address', { ...required, temporal: {} }, /temporal\.address is empty: expected host:port/],
    ['a name too long', { ...required, installation: 'a'.repeat(33) }, /installation/],
    ['a key in vain', { ...required, kagent: { apiKey: 'k' } }, /kagent\.createSecret is not/],
    ['a Secret of nothing', { ...required, kagent: { createSecret: true } }, /expected kagent\.apiKey/],
    ['an agent without a namespace', { ...required, agents: { allow: ['helper'] } }, /agents[./]allow/],
    [
      'more namespaces than are watched one by one',
      { ...required, watch: { namespaces: Array.from({ length: 51 }, (_, n) => `n${n}`) } },
      /watch[./]namespaces/,
    ],
    ['a variable of ours', { ...required, worker: { env: { INSTALLATION: 'x' } } }, /worker\.env\.INSTALLATION/],
    [
      'how Kagent is called, by a variable',
      { ...required, worker: { env: { KAGENT_BASE_URL: 'x' } } },
      /worker\.env\.KAGENT_BASE_URL/,
    ],
    ['a protocol that is not there', { ...required, kagent: { protocol: 'A2A' } }, /kagent[./]protocol/],
    ['no runs at all', { ...required, worker: { maxConcurrentRuns: 0 } }, /worker[./]maxConcurrentRuns/],
    [
      'a token that the API server takes',
      { ...required, kagent: { tokenAudience: 'https://kubernetes.default.svc' } },
      /kagent\.tokenAudience is https:\/\/kubernetes\.default\.svc: .*expected an audience of Kagent's own/,
    ],
    ['a Temporal variable', { ...required, watcher: { env: { TEMPORAL_TLS: 'x' } } }, /watcher\.env\.TEMPORAL_TLS/],
    [
      'two scalers',
      { ...required, worker: { extra: { enabled: true, hpa: { enabled: true }, keda: { enabled: true } } } },
      /enable one of them/,
    ],
    [
      'a codec server without keys',
      { ...required, encryption: { server: { enabled: true } } },
      /expected encryption\.secretName/,
    ],
    [
      'a codec server without a token',
      { ...required, encryption: { secretName: 'k', server: { enabled: true } } },
      /expected encryption\.server\.tokenSecret/,
    ],
    [
      'a path as an origin',
      { ...required, encryption: { server: { corsOrigin: 'https://t.example/ui' } } },
      /corsOrigin/,
    ],
    ['keys by hand', { ...required, worker: { env: { CODEC_KEY_DIR: '/k' } } }, /worker\.env\.CODEC_KEY_DIR/],
    [
      'half a certificate',
      { ...required, temporal: { address: 't:7233', tls: { secret: 's', key: '' } } },
      /expected both or neither/,
    ],
  ])('%s is refused in words that name it', async (_, values, words) => {
    expect(await refusal(values, name)).toMatch(words);
  });

  it('every set of values renders the same as with the other Helm', async () => {
    for (const values of Object.values(valueSets)) {
      expect(await render(values, { with: name })).toEqual(await render(values));
    }
  });
});

describe('the Deployment', () => {
  it('is called kagent-hook-controller whatever the release is called, with the worker first', async () => {
    const deployment = the(await render(required, { release: 'other' }), 'Deployment');
    expect(deployment.metadata).toMatchObject({ name: controller, namespace: 'kagent-system' });
    expect(podOf(deployment).containers.map(({ name }) => name)).toEqual(['worker', 'watcher']);
    expect(deployment).toMatchObject({
      spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/default-container': 'worker' } } } },
    });
  });

  it('runs what npm run build compiles', async () => {
    const ours = (await render(everything)).filter(isWorkload).flatMap((object) => podOf(object).containers);
    const mains = ours.filter(({ command }) => command[1]?.endsWith('main.js'));
    expect(new Set(mains.map(({ name }) => name))).toEqual(new Set(['worker', 'watcher', 'register', 'codec-server']));
    for (const { command } of mains) {
      expect(command[0]).toBe('node');
      const source = join(chartFolder, '../..', (command[1] ?? '').replace(/\.js$/, '.ts'));
      expect(existsSync(source), source).toBe(true);
    }
  });

  it.each([
    [{}, { namespace: 'kagent-system', release: 'hooks' }, 'kagent-system-hooks'],
    [{}, { namespace: 'kagent-system', release: 'a.b' }, 'kagent-system-a-b'],
    [{ installation: 'prod' }, {}, 'prod'],
  ])('with %j in %j have one installation, of watcher and worker alike', async (over, release, installation) => {
    const pod = podOf(the(await render({ ...required, ...over }, release), 'Deployment'));
    const worker = readWorkerConfig(environmentOf(containerOf(pod, 'worker')));
    const watcher = readWatcherConfig(environmentOf(containerOf(pod, 'watcher')));
    expect([worker.INSTALLATION, watcher.INSTALLATION]).toEqual([installation, installation]);
  });

  it('two long names are two installations, each within 32 characters that both processes take', async () => {
    const names = await Promise.all(
      ['a', 'b'].map(async (last) => {
        const release = { namespace: 'a-namespace-of-the-longest-kind-that-there-is', release: `the-release-${last}` };
        const pod = podOf(the(await render(required, release), 'Deployment'));
        return readWorkerConfig(environmentOf(containerOf(pod, 'worker'))).INSTALLATION;
      }),
    );
    expect(new Set(names).size).toBe(2);
  });

  it('the settings of both processes are taken by them as they are rendered', async () => {
    const pod = await podOfController(everything);
    expect(readWorkerConfig(environmentOf(containerOf(pod, 'worker')))).toMatchObject({
      KAGENT_SECRET_DIR: '/etc/kagent/credentials',
      KAGENT_CA_FILE: '/etc/kagent/ca/ca.crt',
      WATCHER_HEALTH_URL: 'http://127.0.0.1:8082',
      KAGENT_AGENT_ID: 'namespace/name',
      MAX_CONCURRENT_AGENT_CALLS: 40,
      HEALTH_PORT: 8081,
    });
    expect(readWatcherConfig(environmentOf(containerOf(pod, 'watcher')))).toMatchObject({
      CLUSTER_NAME: 'prod-cluster-1',
      WATCH_NAMESPACES: undefined,
      WIDE_HOOK_NAMESPACES: ['ops', 'platform'],
      AGENTS_ALLOW: ['kagent/*', '!kagent/admin-*'],
      QUIET_WINDOW: 30 * 60_000,
      MIN_QUIET_WINDOW: 30_000,
      MIN_REPEAT_AFTER: 600_000,
      MIN_AFTER: 5000,
      HEALTH_PORT: 8082,
    });
    const scoped = containerOf(await podOfController(namespaced), 'watcher');
    expect(readWatcherConfig(environmentOf(scoped)).WATCH_NAMESPACES).toEqual(['shop', 'payments']);
  });

  it('sets nothing that people set by kubectl set env, and no variable twice', async () => {
    const ours = ['KAGENT_SECRET_DIR', 'KAGENT_CA_FILE'];
    for (const { env } of all(await podOfController())) {
      const names = env.map(({ name }) => name).filter((name) => !ours.includes(name));
      expect(new Set(names).size).toBe(names.length);
      expect(names.filter((name) => /^(LOG_LEVEL|HTTPS?_PROXY|NO_PROXY|KAGENT_.*|MAX_.*)$/.test(name))).toEqual([]);
    }
    for (const { env } of all(await podOfController(beside))) {
      expect(new Set(env.map(({ name }) => name)).size).toBe(env.length);
    }
  });

  it('the watcher alone has a token, the worker alone the key of Kagent, as a directory', async () => {
    for (const values of Object.values(valueSets)) {
      const pod = await podOfController(values);
      expect(pod.automountServiceAccountToken).toBe(false);
      const where = (path: RegExp) =>
        all(pod).flatMap(({ name, volumeMounts }) =>
          volumeMounts
            .filter(({ mountPath }) => path.test(mountPath))
            .map((mount) => [name, mount.name, mount.subPath]),
        );
      expect(where(/serviceaccount/)).toEqual([['watcher', 'api-server', undefined]]);
      expect(where(/token/)).toEqual(values === beside ? [['worker', 'kagent-token', undefined]] : []);
      expect(where(/credentials/)).toEqual([['worker', 'kagent-credentials', undefined]]);
      const credentials = pod.volumes.find(({ name }) => name === 'kagent-credentials');
      expect(credentials).toMatchObject({ secret: { secretName: 'kagent-credentials', optional: true } });
      const tokens = pod.volumes.filter((volume) => JSON.stringify(volume).includes('serviceAccountToken'));
      const names = values === beside ? ['kagent-token', 'api-server'] : ['api-server'];
      expect(tokens.map(({ name }) => name)).toEqual(names);
      expect(JSON.stringify(containerOf(pod, 'watcher'))).not.toMatch(/kagent-(credentials|token)/);
    }
  });

  it('no other Pod of the release has a token at all', async () => {
    const others = (await render(everything)).filter((o) => isWorkload(o) && o.metadata.name !== controller);
    expect(others.map(({ kind }) => kind).toSorted()).toEqual([...Array(3).fill('Deployment'), 'Job', 'Pod']);
    for (const pod of others.map(podOf)) {
      expect(pod).toMatchObject({ automountServiceAccountToken: false });
      expect(JSON.stringify(pod)).not.toMatch(/serviceAccountToken"|serviceAccountName/);
    }
  });

  it('every container of every Pod is locked down', async () => {
    const pods = (await render(everything)).filter(isWorkload).map(podOf);
    expect(pods).toHaveLength(6);
    const locked = (container: Container) =>
      expect(container.securityContext, container.name).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    for (const pod of pods) {
      expect(pod).toMatchObject({
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const container of all(pod)) locked(container);
    }
  });

  it('reads the certificates of Kagent where there are some, and never looks where the values say so', async () => {
    const pod = await podOfController();
    expect(pod.volumes).toContainEqual({
      name: 'kagent-ca',
      configMap: { name: 'kagent-ca-cert', optional: true },
    });
    const without = await podOfController(namespaced);
    expect(JSON.stringify(without)).not.toMatch(/KAGENT_CA_FILE|CURL_CA_BUNDLE|kagent-ca|initContainers":\[\{/);
  });
});

describe('Kagent', () => {
  const workersOf = async (values: object) => {
    const deployments = (await render(values)).filter(({ kind }) => kind === 'Deployment').map(podOf);
    return deployments.flatMap((pod) =>
      pod.containers.flatMap((container) => (container.name === 'worker' ? [{ pod, container }] : [])),
    );
  };

  it('is spoken to by all workers as the values say, as one and the same account', async () => {
    const workers = await workersOf(beside);
    expect(workers).toHaveLength(2);
    for (const { pod, container } of workers) {
      expect(readWorkerConfig(environmentOf(container))).toMatchObject({
        KAGENT_BASE_URL: 'https://kagent-controller.agents.svc:8443/',
        KAGENT_PROTOCOL: 'kagent-0',
        KAGENT_USER_ID: 'hooks@example.com',
        KAGENT_UI_URL: 'https://kagent.example',
        KAGENT_API_KEY_FILE: '/etc/kagent/token/token',
        MAX_CONCURRENT_AGENT_RUNS: 20_000,
      });
      expect(pod).toMatchObject({ automountServiceAccountToken: false, serviceAccountName: controller });
      expect(container.volumeMounts).toContainEqual({
        name: 'kagent-token',
        mountPath: '/etc/kagent/token',
        readOnly: true,
      });
      const serviceAccountToken = { path: 'token', audience: 'kagent', expirationSeconds: 3600 };
      expect(pod.volumes).toContainEqual({
        name: 'kagent-token',
        projected: { defaultMode: 0o440, sources: [{ serviceAccountToken }] },
      });
    }
  });

  it('is a stock one where nothing is said and there is no Secret, called without a key', async () => {
    const [{ container } = { container: undefined }] = await workersOf(required);
    if (container === undefined) throw new Error('no worker');
    const config = readWorkerConfig({ ...environmentOf(container), KAGENT_SECRET_DIR: '/does-not-exist' });
    const credentials = readCredentials(config);
    expect(credentials).toMatchObject({ baseUrl: stockAddress, protocol: 'auto' });
    expect(credentials).not.toHaveProperty('apiKey');
  });

  it('has its address in the Secret alone where the chart makes one', async () => {
    for (const { container } of await workersOf(everything)) {
      expect(environmentOf(container)).not.toHaveProperty('KAGENT_BASE_URL');
    }
    expect(the(await render(everything), 'Secret')).toMatchObject({
      stringData: { 'base-url': 'https://api.kagent.dev' },
    });
  });

  const egress = async (kagent: object) => {
    const policy = the(await render({ ...required, kagent, networkPolicy: { enabled: true } }), 'NetworkPolicy');
    const Policy = z.looseObject({ spec: z.looseObject({ egress: z.array(z.unknown()) }) });
    return Policy.parse(policy).spec.egress.slice(2);
  };
  const to = (namespaceSelector: object, port: number) => [
    { to: [{ namespaceSelector }], ports: [{ protocol: 'TCP', port }] },
  ];
  const named = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });

  it.each([
    ['the stock one', {}, to(named('kagent'), 8083)],
    ['a Service with a port', { baseUrl: 'http://kc.ops.svc.cluster.local.:9000/api' }, to(named('ops'), 9000)],
    ['a Service with https', { baseUrl: 'https://kc.ops.svc' }, to(named('ops'), 443)],
    ['a Service of the same namespace', { baseUrl: 'http://kc/' }, to(named('kagent-system'), 80)],
    ['Services in any namespace', { baseUrl: 'http://{name}.{namespace}.svc:8080' }, to({}, 8080)],
    ['a host elsewhere', { baseUrl: 'https://api.kagent.dev' }, []],
    ['a host elsewhere that looks like a Service', { baseUrl: 'https://kc.ops.svc.example.com:9000' }, []],
  ])('is let out to by the network policy: %s', async (_, kagent, expected) => {
    expect(await egress(kagent)).toEqual(expected);
  });
});

describe('Temporal', () => {
  const settingsOf = (pod: PodSpec, name: string) =>
    containerOf(pod, name).env.filter((variable) => variable.name.startsWith('TEMPORAL_'));

  it('is spoken to by all in the same way', async () => {
    const objects = await render(everything);
    const pod = podOf(the(objects, 'Deployment', controller));
    const expected = settingsOf(pod, 'worker');
    expect(expected.map(({ name }) => name)).toEqual([
      'TEMPORAL_ADDRESS',
      'TEMPORAL_NAMESPACE',
      'TEMPORAL_API_KEY',
      'TEMPORAL_TLS',
      'TEMPORAL_TLS_CLIENT_CERT_PATH',
      'TEMPORAL_TLS_CLIENT_KEY_PATH',
      'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
      'TEMPORAL_TLS_SERVER_NAME',
    ]);
    const { env, containers } = { env: settingsOf(pod, 'watcher'), containers: pod.containers };
    expect(env).toEqual(expected);
    expect(settingsOf(podOf(the(objects, 'Job')), 'register')).toEqual(expected);
    expect(settingsOf(podOf(the(objects, 'Deployment', `${controller}-workers`)), 'worker')).toEqual(expected);
    for (const { volumeMounts } of containers) {
      expect(volumeMounts).toContainEqual({ name: 'temporal-tls', mountPath: '/etc/temporal/tls', readOnly: true });
    }
  });

  it.each(readdirSync(join(chartFolder, 'examples')).filter((file) => file.startsWith('temporal-cloud')))(
    'the example %s is taken, turns TLS on and registers nothing',
    async (file) => {
      const example = z.looseObject({}).parse(parse(readFileSync(join(chartFolder, 'examples', file), 'utf8')));
      const objects = await render({ image: required.image, ...example });
      const env = environmentOf(containerOf(podOf(the(objects, 'Deployment')), 'worker'));
      expect(env).toMatchObject({ TEMPORAL_TLS: 'true', TEMPORAL_NAMESPACE: 'my-namespace.a1b2c' });
      expect(objects.map(({ kind }) => kind)).not.toContain('Job');
    },
  );

  it("the example for PostgreSQL has all that Temporal's server wants of a store, and no password", () => {
    const Sql = z.object({ sql: z.looseObject({ databaseName: z.string() }) });
    const Example = z.looseObject({
      server: z.looseObject({
        config: z.looseObject({
          persistence: z.looseObject({ datastores: z.object({ default: Sql, visibility: Sql }) }),
        }),
      }),
    });
    const text = readFileSync(join(chartFolder, 'examples/temporal-postgresql.yaml'), 'utf8');
    const { datastores } = Example.parse(parse(text)).server.config.persistence;
    for (const { sql } of Object.values(datastores)) {
      expect(sql).toMatchObject({ pluginName: 'postgres12', connectProtocol: 'tcp', secretKey: 'password' });
      expect(sql).toHaveProperty('connectAddr');
      expect(sql).not.toHaveProperty('password');
    }
    expect(datastores.default.sql.databaseName).not.toBe(datastores.visibility.sql.databaseName);
    const [, secret] = /kubectl create secret generic (\S+) --from-literal=password=/.exec(text) ?? [];
    expect(Object.values(datastores).map(({ sql }) => sql['existingSecret'])).toEqual([secret, secret]);
  });

  it('for trying out registers exactly our search attributes, and is where all look for it', async () => {
    const objects = await render(everything);
    const dev = podOf(the(objects, 'Deployment', `${controller}-temporal-dev`));
    const flags = containerOf(dev, 'temporal').args.flatMap((arg) => /--search-attribute=(.*)/.exec(arg)?.[1] ?? []);
    expect(flags).toEqual(Object.entries(searchAttributeTypes).map(([name, type]) => `${name}=${type}`));
    const address = environmentOf(containerOf(podOf(the(objects, 'Job')), 'register'))['TEMPORAL_ADDRESS'];
    expect(address).toBe(`${the(objects, 'Service', `${controller}-temporal-dev`).metadata.name}:7233`);
  });

  it('attributes are registered by a Job that is no hook and is another one when its Pod is another', async () => {
    const jobOf = async (values: object) => the(await render(values), 'Job');
    const first = await jobOf(required);
    expect(first.metadata).not.toHaveProperty('annotations');
    expect((await jobOf({ ...required, clusterName: 'x' })).metadata.name).toBe(first.metadata.name);
    const moved = await jobOf({ ...required, image: { ...required.image, tag: '2' } });
    expect(moved.metadata.name).not.toBe(first.metadata.name);
    expect(first.metadata.name.length).toBeLessThan(64);
  });
});

describe('encryption', () => {
  const folder = '/etc/encryption/keys';

  it('is off by itself: no process looks for keys, and no server decrypts', async () => {
    const text = JSON.stringify(await render(required));
    expect(text).not.toMatch(/CODEC_|encryption-|codec-server/);
  });

  it('every process that talks of incidents has the keys as a directory, and nobody else', async () => {
    const objects = await render(everything);
    const holders = objects.filter(isWorkload).flatMap((object) => {
      const pod = podOf(object);
      const having = all(pod).filter(({ volumeMounts }) => volumeMounts.some(({ name }) => name === 'encryption-keys'));
      if (having.length > 0)
        expect(pod.volumes).toContainEqual({
          name: 'encryption-keys',
          secret: { secretName: 'incident-keys', defaultMode: 0o440 },
        });
      for (const container of having) {
        expect(container.volumeMounts).toContainEqual({ name: 'encryption-keys', mountPath: folder, readOnly: true });
        expect(environmentOf(container)['CODEC_KEY_DIR'], container.name).toBe(folder);
      }
      return having.map(({ name }) => `${object.metadata.name} ${name}`);
    });
    expect(holders.toSorted()).toEqual([
      `${controller} watcher`,
      `${controller} worker`,
      `${controller}-codec-server codec-server`,
      `${controller}-workers worker`,
    ]);
    const pod = podOf(the(objects, 'Deployment', controller));
    expect(readWorkerConfig(environmentOf(containerOf(pod, 'worker'))).CODEC_KEY_DIR).toBe(folder);
    expect(readWatcherConfig(environmentOf(containerOf(pod, 'watcher'))).CODEC_KEY_DIR).toBe(folder);
  });

  it('the codec server takes its settings, is behind its own Service alone, and may call nobody', async () => {
    const objects = await render(everything);
    const name = `${controller}-codec-server`;
    const deployment = the(objects, 'Deployment', name);
    const server = containerOf(podOf(deployment), 'codec-server');
    expect(readCodecConfig(environmentOf(server))).toMatchObject({
      CODEC_KEY_DIR: folder,
      CODEC_PORT: 8083,
      CODEC_CORS_ORIGIN: ['https://temporal.example'],
      CODEC_TOKEN_FILE: '/etc/encryption/token/token',
    });
    expect(server.volumeMounts).toContainEqual({
      name: 'encryption-token',
      mountPath: '/etc/encryption/token',
      readOnly: true,
    });
    const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': 'kagent-hooks' };
    expect(deployment).toMatchObject({ spec: { template: { metadata: { labels } } } });
    expect(the(objects, 'Service', name)).toMatchObject({ spec: { selector: labels, ports: [{ port: 8083 }] } });
    const policy = the(objects, 'NetworkPolicy', name);
    expect(policy).toMatchObject({
      spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress', 'Egress'] },
    });
    expect(policy['spec']).not.toHaveProperty('egress');
  });

  it('without a server the keys are there all the same', async () => {
    const without = await render({ ...required, encryption: { secretName: 'k' } });
    expect(without.filter(({ kind }) => kind === 'Deployment')).toHaveLength(1);
    expect(environmentOf(containerOf(podOf(the(without, 'Deployment')), 'worker'))['CODEC_KEY_DIR']).toBe(folder);
  });
});

describe('the CRD', () => {
  it('of the chart is the generated one, letter by letter', () => {
    expect(readFileSync(join(chartFolder, 'files/hooks.kagent.dev.yaml'), 'utf8')).toBe(printCrd());
  });

  it('is rendered as it is, and stays when the release goes', async () => {
    const { metadata, ...crd } = the(await render(required), 'CustomResourceDefinition');
    const { metadata: made, ...expected } = z.looseObject({ metadata: z.looseObject({}) }).parse(makeCrd());
    expect(crd).toEqual(expected);
    expect(metadata).toMatchObject({ ...made, annotations: { 'helm.sh/resource-policy': 'keep' } });
  });

  it('is left out on request', async () => {
    expect((await render(namespaced)).map(({ kind }) => kind)).not.toContain('CustomResourceDefinition');
  });
});

describe('options', () => {
  it('none of them is on by itself', async () => {
    const kinds = (await render(required)).map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual([
      'ClusterRole',
      'ClusterRole',
      'ClusterRole',
      'ClusterRoleBinding',
      'CustomResourceDefinition',
      'Deployment',
      'Job',
      'Pod',
      'Role',
      'RoleBinding',
      'Service',
      'ServiceAccount',
    ]);
  });

  it('a list of namespaces needs no right that counts in the whole cluster', async () => {
    const roles = (await render(namespaced)).filter(({ kind }) => /Role/.test(kind));
    expect(roles.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`).toSorted()).toEqual(
      ['kagent-system', 'kube-system', 'payments', 'shop']
        .flatMap((where) => [`Role ${where}`, `RoleBinding ${where}`])
        .toSorted(),
    );
  });

  it('the budget lets a single replica be evicted', async () => {
    const { spec } = z
      .looseObject({ spec: z.looseObject({}) })
      .parse(the(await render(everything), 'PodDisruptionBudget'));
    expect(spec).toMatchObject({ maxUnavailable: 1 });
    expect(spec).not.toHaveProperty('minAvailable');
  });

  it('both monitors ask for the metrics of both processes, and select the labels of the Pods and of the Service', async () => {
    const objects = await render(everything);
    const endpoints = ['worker', 'watcher'].map((port) => ({ port, path: '/metrics', interval: '30s' }));
    expect(the(objects, 'ServiceMonitor')).toMatchObject({ spec: { endpoints } });
    expect(the(objects, 'PodMonitor')).toMatchObject({ spec: { podMetricsEndpoints: endpoints } });
    const Selecting = z.looseObject({
      spec: z.looseObject({ selector: z.object({ matchLabels: z.looseObject({}) }) }),
    });
    const { matchLabels } = Selecting.parse(the(objects, 'ServiceMonitor')).spec.selector;
    expect(the(objects, 'Service', controller).metadata).toMatchObject({ labels: matchLabels });
    expect(the(objects, 'Deployment', controller)).toMatchObject({
      spec: { template: { metadata: { labels: matchLabels } } },
    });
  });

  it('every alert is about a metric that a process has', async () => {
    const Rule = z.looseObject({
      spec: z.object({ groups: z.array(z.looseObject({ rules: z.array(z.looseObject({ expr: z.string() })) })) }),
    });
    const { groups } = Rule.parse(the(await render(everything), 'PrometheusRule')).spec;
    const documentation = readDocumentation();
    const expressions = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
    const names = new Set(expressions.flatMap((expr) => expr.match(/kagent_\w+/g) ?? []));
    expect(names.size).toBeGreaterThan(4);
    for (const metric of names) expect(documentation).toContain(`| \`${metric}\` |`);
    for (const expr of expressions) expect(expr).toMatch(/^[^{]+\{namespace="kagent-system"[,}]/);
  });

  it('the network policy lets out to the port of Temporal', async () => {
    const policy = the(await render({ ...required, networkPolicy: { enabled: true } }), 'NetworkPolicy');
    expect(JSON.stringify(policy)).toContain('{"ports":[{"protocol":"TCP","port":7233},{"protocol":"TCP","port":443}');
  });

  it('extra workers are left to the scaler, and are none of those that kubectl logs of the Deployment finds', async () => {
    const extra = the(await render(namespaced), 'Deployment', `${controller}-workers`);
    expect(extra['spec']).not.toHaveProperty('replicas');
    expect(podOf(extra).containers.map(({ name }) => name)).toEqual(['worker']);
    expect(JSON.stringify(podOf(extra))).not.toContain('WATCHER_HEALTH_URL');
    const Selecting = z.looseObject({
      spec: z.looseObject({ selector: z.object({ matchLabels: z.looseObject({}) }) }),
    });
    const main = Selecting.parse(the(await render(namespaced), 'Deployment', controller)).spec.selector.matchLabels;
    expect(extra).not.toMatchObject({ spec: { template: { metadata: { labels: main } } } });
  });

  it('KEDA looks at the task queue of the installation', async () => {
    expect(the(await render(everything), 'ScaledObject')).toMatchObject({
      spec: {
        triggers: [{ type: 'temporal', metadata: { taskQueue: 'kagent-hooks-prod-1', namespace: 'incidents' } }],
      },
    });
  });
});
