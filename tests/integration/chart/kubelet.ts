/**
 * What a kubelet makes of a Deployment or Job that is in the cluster: volumes in folders, variables, and processes.
 *
 * Used by the story of the chart, because there is no kubelet here. Knows the kinds of volumes that the chart uses, and
 * throws for any other. Paths in a container are found below a folder of its own.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type ProductProcess, type ProductServer, startProduct } from '../../../deploy/local/start-product.ts';
import { type MountedFolder, mountFolder } from '../../mount-folder.ts';
import { type Container, containerOf, KubeObject, type PodSpec, podOf } from './chart.ts';
import { type ChartCluster, namespace } from './cluster.ts';

export interface Kubelet {
  /** The process of the container of this name, ready; `over` goes before the variables of the Pod. */
  start: (name: ProductProcess, over?: Record<string, string>) => Promise<ProductServer>;
  /** Runs a container that ends by itself, and resolves with what it has said; rejects unless it ends with 0. */
  run: (name: string) => Promise<string>;
  /** The volumes as they are in the cluster by now. */
  sync: () => Promise<void>;
  /** Variables of a container, with paths that exist here. */
  environmentOf: (name: string) => Record<string, string>;
  /** Text in which the paths of the container are written as they are here. */
  within: (name: string, text: string) => string;
}

const Files = z.object({ data: z.record(z.string(), z.string()).default({}) });
const Items = z.array(z.object({ key: z.string(), path: z.string() })).optional();
const Source = z.union([
  z.object({ serviceAccountToken: z.object({ path: z.string() }) }),
  z.object({ configMap: z.object({ name: z.string(), items: Items }) }),
  z.object({ downwardAPI: z.object({ items: z.tuple([z.object({ path: z.literal('namespace') })]) }) }),
]);
const Volume = z.union([
  z.object({ secret: z.object({ secretName: z.string(), optional: z.boolean().default(false) }) }),
  z.object({ configMap: z.object({ name: z.string(), optional: z.boolean().default(false) }) }),
  z.object({ projected: z.object({ sources: z.array(Source) }) }),
  z.object({ emptyDir: z.object({}) }),
]);
const FieldRef = z.object({ fieldRef: z.object({ fieldPath: z.enum(['metadata.namespace', 'metadata.name']) }) });
const KeyRef = z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) });

type Contents = Record<string, string>;

/** `workload` as kubectl knows it: `deployment/kagent-hook-controller`. */
export async function actAsKubelet(cluster: ChartCluster, workload: string): Promise<Kubelet> {
  const found: unknown = JSON.parse(await cluster.kubectl('get', workload, '-o=json'));
  const pod = podOf(KubeObject.parse(found));
  const podFolder = mkdtempSync(join(cluster.run.folder, 'pod-'));
  const volumes = new Map<string, MountedFolder>();
  for (const { name, ...volume } of pod.volumes) {
    volumes.set(name, mountFolder(podFolder, await contentsOf(cluster, pod, volume)));
  }
  const environments = new Map<string, Record<string, string>>();
  for (const container of [...pod.initContainers, ...pod.containers]) {
    const root = join(podFolder, container.name);
    for (const { name, mountPath } of container.volumeMounts) {
      mkdirSync(dirname(join(root, mountPath)), { recursive: true });
      symlinkSync(volumes.get(name)!.folder, join(root, mountPath));
    }
    const set = await variablesOf(cluster, container);
    const here = Object.entries(set).map(([name, value]) => [name, rootedIn(root, container, value)] as const);
    environments.set(container.name, { ...Object.fromEntries(here), CONTAINER_ROOT: root });
  }
  const environmentOf = (name: string) => environments.get(name) ?? {};
  const within = (name: string, text: string) => rootedIn(join(podFolder, name), containerOf(pod, name), text);
  return {
    environmentOf,
    within,
    start: (name, over = {}) =>
      startProduct(name, cluster.run, { ...inCluster(cluster), ...environmentOf(name), ...over }), // the preload reaches no bundle
    run: async (name) => {
      // Programs are compiled in the image, and run from source here.
      const [, ...args] = containerOf(pod, name).command.map((part) =>
        within(name, part).replace(/main\.js$/, 'main.ts'),
      );
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env: environmentOf(name) });
      return stdout + stderr;
    },
    sync: async () => {
      for (const { name, ...volume } of pod.volumes) {
        if (!('emptyDir' in volume)) volumes.get(name)?.change(await contentsOf(cluster, pod, volume));
      }
    },
  };
}

/** Where it stands alone, and at the beginning of a path. */
function rootedIn(root: string, { volumeMounts }: Container, text: string): string {
  const paths = volumeMounts.map(({ mountPath }) => mountPath).toSorted((one, other) => other.length - one.length);
  return text.replaceAll(/(?<![\w.])(\/[\w.-]+)+/g, (path) =>
    paths.some((mounted) => path === mounted || path.startsWith(`${mounted}/`)) ? root + path : path,
  );
}

/** What the kubelet sets for every container, and where this test lets the process look for its account. */
function inCluster({ server }: ChartCluster): Record<string, string> {
  const { hostname, port } = new URL(server);
  const preload = new URL('./mounted-account.ts', import.meta.url).href;
  return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, NODE_OPTIONS: `--import=${preload}` };
}

async function contentsOf(cluster: ChartCluster, pod: PodSpec, given: object): Promise<Contents> {
  const volume = Volume.parse(given);
  if ('emptyDir' in volume) return {};
  if ('secret' in volume) return secretOf(cluster, volume.secret.secretName, volume.secret.optional);
  if ('configMap' in volume) return configMapOf(cluster, volume.configMap.name, volume.configMap.optional);
  const all = await Promise.all(volume.projected.sources.map((source) => projected(cluster, pod, source)));
  return Object.fromEntries(all.flatMap((files) => Object.entries(files)));
}

async function projected(cluster: ChartCluster, pod: PodSpec, source: z.infer<typeof Source>): Promise<Contents> {
  if ('downwardAPI' in source) return { [source.downwardAPI.items[0].path]: namespace };
  if ('serviceAccountToken' in source) {
    const token = await cluster.kubectl('create', 'token', pod.serviceAccountName ?? 'default');
    return { [source.serviceAccountToken.path]: token.trim() };
  }
  const { name, items } = source.configMap;
  const data = await configMapOf(cluster, name, false);
  return items === undefined ? data : Object.fromEntries(items.map(({ key, path }) => [path, data[key] ?? '']));
}

async function secretOf(cluster: ChartCluster, name: string, isOptional: boolean): Promise<Contents> {
  const data = await dataOf(cluster, ['secret', name], isOptional);
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]));
}

const configMapOf = (cluster: ChartCluster, name: string, isOptional: boolean) =>
  dataOf(cluster, ['configmap', name], isOptional);

/** Rejects where it is not there and has to be, as then the kubelet would not start the Pod. */
async function dataOf(cluster: ChartCluster, what: [string, string], isOptional: boolean): Promise<Contents> {
  const text = await cluster.kubectl('get', ...what, '-o=json', ...(isOptional ? ['--ignore-not-found'] : []));
  return text === '' ? {} : Files.parse(JSON.parse(text)).data;
}

async function variablesOf(cluster: ChartCluster, { env }: Container): Promise<Record<string, string>> {
  const set: Record<string, string> = {};
  for (const { name, value, ...rest } of env) set[name] = value ?? (await referred(cluster, rest['valueFrom']));
  return set;
}

async function referred(cluster: ChartCluster, valueFrom: unknown): Promise<string> {
  const field = FieldRef.safeParse(valueFrom);
  if (field.success) return field.data.fieldRef.fieldPath === 'metadata.name' ? 'controller-0' : namespace;
  const { name, key } = KeyRef.parse(valueFrom).secretKeyRef;
  return (await secretOf(cluster, name, false))[key] ?? '';
}
