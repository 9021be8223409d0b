/**
 * A namespace in trouble, beside that of the stage: its own Hooks and Pods, and nothing that stays behind.
 *
 * The controllers of the cluster go on
 * with a namespace that is deleted; Pods that no kubelet ends are removed here.
 */
import { z } from 'zod';
import { KubeError } from '../../watcher/kube/api-server.ts';
import { uidOf } from '../../watcher/kube/uid-of.ts';
import { hookStatusOf, type World } from '../e2e/world.ts';
import { waitFor } from '../wait-for.ts';

export interface Troubled {
  namespace: string;
  createHook: (name: string, eventConfigurations: unknown) => Promise<string>;
  hookStatus: World['hookStatus'];
  /** `path` is below the namespace: `pods`, with what stands before it. Gives the uid. */
  create: (path: string, body: object) => Promise<string>;
  /** Undefined where the API server does not accept it. */
  createIfAccepted: (path: string, body: object) => Promise<string | undefined>;
  close: () => Promise<void>;
}

export const core = '/api/v1';
export const container = { name: 'app', image: 'registry.example/app:1' };
/** The Pods of tests are on a node that no kubelet serves. */
export const podSpec = { nodeName: 'node-a', containers: [container] };

/** By which the API server refuses what it has understood. */
const refusals: ReadonlySet<number> = new Set([400, 403, 413, 422, 500]);
const parallel = 20;

export async function openTroubled({ cluster, namespace: beside }: World): Promise<Troubled> {
  const namespace = `${beside}-troubled`;
  await cluster.createNamespace(namespace);
  const create: Troubled['create'] = async (path, body) => {
    const [group, collection] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/'))];
    const full = `${group}/namespaces/${namespace}${collection}`;
    return uidOf(await cluster.api.json({ method: 'POST', path: full, body })) ?? '';
  };
  return {
    namespace,
    createHook: (name, eventConfigurations) => cluster.createHook(namespace, name, eventConfigurations),
    hookStatus: async (name) => hookStatusOf(await cluster.getHook(namespace, name)),
    create,
    createIfAccepted: (path, body) =>
      create(path, body).catch((error: unknown) => {
        if (error instanceof KubeError && refusals.has(error.status)) return undefined;
        throw error;
      }),
    close: async () => {
      await cluster.deleteHooks(namespace);
      await waitFor('no Pods', () => hasNoPods({ cluster, namespace }), 60_000);
      await cluster.api.json({ method: 'DELETE', path: `${core}/namespaces/${namespace}` });
    },
  };
}

const Named = z.object({ metadata: z.object({ name: z.string() }) });
/** Null where there are none. */
const Names = z.object({ items: z.array(Named).nullable() });

/** Deletes all that are there; those that a controller made meanwhile are found the next time. */
async function hasNoPods({ cluster, namespace }: Pick<World, 'cluster' | 'namespace'>): Promise<boolean> {
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  const { items } = Names.parse(await cluster.api.json({ path: `${core}/namespaces/${namespace}/pods`, accept }));
  if (items === null || items.length === 0) return true;
  const isGone = (error: unknown) => {
    if (!(error instanceof KubeError && error.status === 404)) throw error;
  };
  await inParallel(items, ({ metadata: { name } }) => cluster.deletePod(namespace, name).catch(isGone));
  return false;
}

/** Some at once, for each item. */
export async function inParallel<T>(items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items[Symbol.iterator]();
  const line = async () => {
    for (let next = left.next(); next.done !== true; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: parallel }, line));
}
