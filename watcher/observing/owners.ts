/**
 * Who owns whom: ReplicaSets and Jobs with their own owners, so that a Pod leads to its Deployment or CronJob.
 *
 * Knows what metadata-only watches have shown. An owner that is not known yet is asked for once, because the identity of
 * an incident must not depend on what a cache happened to know. Anybody may write anything into a reference: what is no name
 * of an object is asked for by nobody.
 */
import { z } from 'zod';
import { type ApiServer, KubeError } from '../kube/api-server.ts';
import { pathOf } from '../kube/path-of.ts';
import { type Metadata, metadataOf, type OwnerRef, optional, RawMetadata, viewer } from '../views/metadata.ts';
import { pathIn } from './open-stream.ts';

type Owned = Pick<Metadata, 'owner' | 'namespace'>;

export type Owners = ReturnType<typeof createOwners>;

/** Kinds that have owners of their own, and where they are found. A map: anybody may write any word as a kind. */
const between = new Map([
  ['ReplicaSet', '/apis/apps/v1/replicasets'],
  ['Job', '/apis/batch/v1/jobs'],
]);

/** Collections to be watched, metadata only. */
export const ownerPaths: readonly string[] = [...between.values()];

/** A DNS subdomain, as every ReplicaSet and Job has for a name. */
const objectName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
/** For one answer: a Pod whose owner cannot be had goes on without it in the end. */
const answerWithinMs = 10_000;

/** Asks for metadata instead of whole objects: of a list, and of one object or a watch. */
export const metadataOnly = {
  list: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
  one: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
};

const WithMetadata = z.object({ metadata: RawMetadata });

/** Only what leads on is kept: some hundred bytes. */
export const viewOwner = viewer(WithMetadata, ({ metadata }): OwnerLink & { resourceVersion: string } => {
  const { uid, resourceVersion, owner, namespace } = metadataOf(metadata);
  return { uid, resourceVersion, ...optional('namespace', namespace), ...optional('owner', owner) };
});

export interface OwnerLink {
  uid: string;
  namespace?: string;
  owner?: OwnerRef;
}

const mostAsked = 1000;
/** Pod, ReplicaSet, Deployment: nobody needs more than that. */
const longestChain = 4;

/** `linkOf` finds a watched object by uid. */
export function createOwners(api: ApiServer, linkOf: (uid: string) => OwnerLink | undefined) {
  /** Those that were asked for before their watch showed them; gone objects stay known for the Pods they left. */
  const asked = new Map<string, OwnerLink>();

  /** An owner is of the same namespace: a reference to one of another leads nowhere. */
  function find({ uid }: OwnerRef, namespace: string): OwnerLink | undefined {
    const link = linkOf(uid) ?? asked.get(askedKey(uid, namespace));
    return (link?.namespace ?? namespace) === namespace ? link : { uid };
  }

  /** Owners by controller reference, nearest first, as far as they are known. */
  function of({ owner: first, namespace }: Owned): OwnerRef[] {
    const chain: OwnerRef[] = [];
    for (let owner = first; owner !== undefined && chain.length < longestChain; owner = find(owner, namespace)?.owner) {
      chain.push(owner);
    }
    return chain;
  }

  /** Whether nobody has to be asked for the owners of the object. */
  function knows({ owner, namespace }: Owned): boolean {
    return owner === undefined || !isBetween(owner) || find(owner, namespace) !== undefined;
  }

  /** Makes sure that the owners of the object are known; resolves at once when they are. */
  async function learn(object: Owned): Promise<void> {
    const { owner, namespace } = object;
    if (owner === undefined || knows(object)) return;
    asked.set(askedKey(owner.uid, namespace), await ask(api, owner, namespace));
    for (const uid of asked.keys()) {
      if (asked.size <= mostAsked) return;
      asked.delete(uid);
    }
  }

  return { of, knows, learn };
}

function askedKey(uid: string, namespace: string): string {
  return `${namespace}/${uid}`;
}

function isBetween({ kind, name }: OwnerRef): boolean {
  return between.has(kind) && objectName.test(name);
}

/** An owner that is gone, or another one of the same name, has no owner that we could know of. */
async function ask(api: ApiServer, owner: OwnerRef, namespace: string): Promise<OwnerLink> {
  const collection = between.get(owner.kind);
  if (collection === undefined) return { uid: owner.uid };
  try {
    const path = pathIn(namespace, collection) + pathOf(owner.name);
    const signal = AbortSignal.timeout(answerWithinMs);
    const found = viewOwner(await api.json({ path, accept: metadataOnly.one, signal }));
    return found?.uid === owner.uid ? found : { uid: owner.uid };
  } catch (error) {
    if (error instanceof KubeError && (error.status === 404 || error.status === 403)) return { uid: owner.uid };
    throw error;
  }
}
