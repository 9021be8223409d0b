/**
 * The chart as its users have it: both lines of Helm, sets of values, and what they render.
 *
 * Used by the tests of the chart. Renders without a cluster; nothing of the user's Helm (plugins, caches) is seen.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

export const chartFolder = fileURLToPath(new URL('../../../deploy/chart', import.meta.url));

/** Both lines of Helm; a test that says `each` runs with 4 and with 3. */
export const helms = ['helm', 'helm3'] as const;
export type HelmName = (typeof helms)[number];

export const KubeObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
export type KubeObject = z.infer<typeof KubeObject>;

/** The least that has to be set. */
export const required = {
  image: { repository: 'registry.example/kagent-hooks' },
  temporal: { address: 'temporal.example:7233' },
};

/** Every option that makes an object or a field; the two that exclude others are left to tests of their own. */
export const everything = {
  image: { ...required.image, digest: `sha256:${'ab'.repeat(32)}`, pullSecrets: ['registry'] },
  installation: 'prod-1',
  clusterName: 'prod-cluster-1',
  kagent: { createSecret: true, apiKey: 'key: "quoted" {{ x }}', baseUrl: 'https://api.kagent.dev', maxRetries: 5 },
  temporal: {
    namespace: 'incidents',
    apiKey: { secret: 'temporal-api-key' },
    tls: { enabled: true, secret: 'temporal-client', ca: 'ca.crt', serverName: 'temporal' },
    dev: { enabled: true },
  },
  encryption: {
    secretName: 'incident-keys',
    server: { enabled: true, corsOrigin: 'https://temporal.example', tokenSecret: 'codec-token' },
  },
  watch: { wideHookNamespaces: ['ops', 'platform'] },
  hooks: { minQuietWindow: '30s', minRepeatAfter: '10m', minAfter: '5s' },
  agents: { allow: ['kagent/*', '!kagent/admin-*'] },
  watcher: { env: { QUIET_WINDOW: '30m', LOG_LEVEL: 'debug' } },
  worker: {
    env: { KAGENT_AGENT_ID: 'namespace/name', MAX_CONCURRENT_AGENT_CALLS: 40 },
    envFrom: [{ secretRef: { name: 'proxy' } }],
    extra: { enabled: true, keda: { enabled: true, trigger: { apiKeyFromEnv: 'TEMPORAL_API_KEY' } } },
  },
  serviceAccount: { annotations: { team: 'sre' } },
  podDisruptionBudget: { enabled: true },
  networkPolicy: {
    enabled: true,
    from: [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }],
    egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
  },
  serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
  podMonitor: { enabled: true },
  prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
  podAnnotations: { 'example.org/owner': 'sre' },
  podLabels: { team: 'sre' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
  ],
  priorityClassName: 'system-cluster-critical',
  volumes: [{ name: 'notes', configMap: { name: 'notes' } }],
  volumeMounts: [{ name: 'notes', mountPath: '/etc/notes' }],
};

export const namespaced = {
  ...required,
  watch: { namespaces: ['shop', 'payments'] },
  kagent: { caConfigMap: '' },
  worker: { extra: { enabled: true, hpa: { enabled: true } } },
  temporal: { ...required.temporal, registerSearchAttributes: false },
  rbac: { aggregate: false },
  crds: { install: false },
};

/** Beside a Kagent of the same cluster that wants to know who calls, with all that can be said about it. */
export const beside = {
  ...required,
  kagent: {
    baseUrl: 'https://kagent-controller.agents.svc:8443/',
    protocol: 'kagent-0',
    userId: 'hooks@example.com',
    uiUrl: 'https://kagent.example',
    tokenAudience: 'kagent',
  },
  worker: { maxConcurrentRuns: 20_000, extra: { enabled: true } },
  networkPolicy: { enabled: true },
};

export const valueSets = { required, everything, namespaced, beside };

/** Resolves with what Helm prints; rejects with what it complains about. Values come by standard input. */
export async function helm(name: HelmName, args: readonly string[], values: object = {}): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'helm-'));
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const env = { HOME: home, HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home };
  const child = execFile(
    inject('enginePaths')[name],
    args,
    { env, maxBuffer: 16 * 1024 * 1024 },
    (error, stdout, stderr) => {
      rmSync(home, { recursive: true, force: true });
      if (error === null) resolve(stdout);
      else reject(new Error(stderr || stdout));
    },
  );
  child.stdin?.end(JSON.stringify(values));
  return promise;
}

export interface Release {
  with?: HelmName;
  release?: string;
  namespace?: string;
}

/** The objects, hooks left out unless they are Pods of `helm test`. */
export async function render(values: object, over: Release = {}): Promise<KubeObject[]> {
  const { with: name = 'helm', release = 'kagent-hooks', namespace = 'kagent-system' } = over;
  const text = await helm(name, ['template', release, chartFolder, '--namespace', namespace, '--values', '-'], values);
  return parseAllDocuments(text, { version: '1.1' }).flatMap((document) => {
    const object: unknown = document.toJS();
    return object === null ? [] : [KubeObject.parse(object)];
  });
}

export function the(objects: readonly KubeObject[], kind: string, name?: string): KubeObject {
  const found = objects.filter(
    (object) => object.kind === kind && (name ?? object.metadata.name) === object.metadata.name,
  );
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new Error(`${found.length} objects ${kind} ${name ?? ''} among ${objects.map((o) => o.kind).join()}`);
  }
  return first;
}

const Container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  volumeMounts: z
    .array(z.looseObject({ name: z.string(), mountPath: z.string(), subPath: z.string().optional() }))
    .default([]),
  securityContext: z.looseObject({}),
});
export type Container = z.infer<typeof Container>;

const PodSpec = z.looseObject({
  automountServiceAccountToken: z.boolean().optional(),
  serviceAccountName: z.string().optional(),
  initContainers: z.array(Container).default([]),
  containers: z.array(Container),
  volumes: z.array(z.looseObject({ name: z.string() })).default([]),
});
export type PodSpec = z.infer<typeof PodSpec>;

const Workload = z.looseObject({ spec: z.looseObject({ template: z.looseObject({ spec: PodSpec }) }) });

export function podOf(workload: KubeObject): PodSpec {
  return workload.kind === 'Pod' ? PodSpec.parse(workload['spec']) : Workload.parse(workload).spec.template.spec;
}

export function containerOf(pod: PodSpec, name: string): Container {
  const found = [...pod.initContainers, ...pod.containers].find((container) => container.name === name);
  if (found === undefined) throw new Error(`no container ${name}`);
  return found;
}

/** Values that stand in the Pod itself. */
export function environmentOf({ env }: Container): Record<string, string> {
  return Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}
