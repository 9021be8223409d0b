/**
 * Who owns whom: ReplicaSets and Jobs with their own owners, so that a Pod leads to its Deployment or CronJob.
 *
 * Fed by metadata-only watches; read by observe. An owner that is not known yet is asked for once, because the identity of
 * an incident must not depend on what a cache happened to know.
 */
import { z } from 'zod';
import { type ApiServer, KubeError } from '../kube/api-server.ts';
import { type Metadata, metadataOf, type OwnerRef, RawMetadata } from '../views/metadata.ts';

export interface Owners {
  /** Owners by controller reference, nearest first, as far as they are known. */
  of: (object: Pick<Metadata, 'owner'>) => OwnerRef[];
  /** Makes sure that the owners of the object are known; resolves at once when they are. */
  learn: (object: Pick<Metadata, 'owner' | 'namespace'>) => Promise<void>;
}

/** Kinds that have owners of their own, and where one of them is found. */
const between: Partial<Record<string, string>> = {
  ReplicaSet: '/apis/apps/v1/namespaces/{namespace}/replicasets/{name}',
  Job: '/apis/batch/v1/namespaces/{namespace}/jobs/{name}',
};

/** Collections to be watched, metadata only. */
export const ownerPaths = ['/apis/apps/v1/replicasets', '/apis/batch/v1/jobs'] as const;

/** Asks for metadata instead of whole objects: of a list, and of one object or a watch. */
export const metadataOnly = {
  list: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
  one: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
};

const WithMetadata = z.object({ metadata: RawMetadata });

/** Only what leads on is kept: some hundred bytes. */
export function viewOwner(object: unknown): (OwnerLink & { resourceVersion: string }) | undefined {
  const parsed = WithMetadata.safeParse(object);
  if (!parsed.success) return undefined;
  const { uid, resourceVersion, owner } = metadataOf(parsed.data.metadata);
  return { uid, resourceVersion, ...(owner !== undefined && { owner }) };
}

export interface OwnerLink {
  uid: string;
  owner?: OwnerRef;
}

/** `linksOf` finds a watched object by uid. */
export function createOwners(api: ApiServer, linkOf: (uid: string) => OwnerLink | undefined): Owners {
  /** Those that were asked for before their watch showed them; gone objects stay known for the Pods they left. */
  const asked = new Map<string, OwnerLink>();
  const find = (uid: string) => linkOf(uid) ?? asked.get(uid);

  async function learn(object: Pick<Metadata, 'owner' | 'namespace'>): Promise<void> {
    const { owner, namespace } = object;
    const path = owner === undefined ? undefined : between[owner.kind];
    if (owner === undefined || path === undefined || find(owner.uid) !== undefined) return;
    const link = await ask(api, { owner, path: path.replace('{namespace}', namespace).replace('{name}', owner.name) });
    asked.set(owner.uid, link);
    for (const uid of asked.keys()) {
      if (asked.size <= mostAsked) return;
      asked.delete(uid);
    }
  }

  return { of: (object) => chainOf(object.owner, find), learn };
}

const mostAsked = 1000;
/** Pod, ReplicaSet, Deployment: nobody needs more than that. */
const longestChain = 4;

function chainOf(first: OwnerRef | undefined, find: (uid: string) => OwnerLink | undefined): OwnerRef[] {
  const chain: OwnerRef[] = [];
  for (let owner = first; owner !== undefined && chain.length < longestChain; owner = find(owner.uid)?.owner) {
    chain.push(owner);
  }
  return chain;
}

/** An owner that is gone, or another one of the same name, has no owner that we could know of. */
async function ask(api: ApiServer, { owner, path }: { owner: OwnerRef; path: string }): Promise<OwnerLink> {
  try {
    const found = viewOwner(await api.json({ path, accept: metadataOnly.one }));
    return found?.uid === owner.uid ? found : { uid: owner.uid };
  } catch (error) {
    if (error instanceof KubeError && (error.status === 404 || error.status === 403)) return { uid: owner.uid };
    throw error;
  }
}
