/**
 * The Lease of an installation, as a place for annotations: read, created, patched.
 *
 * Only watchers write it. A write that would undo another watcher's fails, so that the caller reads again.
 */
import { z } from 'zod';
import { isoMicros } from '../../workflows/contract/plain/rfc3339.ts';
import { type ApiServer, KubeError } from '../kube/api-server.ts';
import { pathOf } from '../kube/path-of.ts';

export interface LeasePlace {
  api: ApiServer;
  namespace: string;
  name: string;
  /** Who writes, for people. */
  identity: string;
}

/** One Lease for each installation, in the namespace of its controller. */
export function leasePlaceOf(config: { NAMESPACE: string; INSTALLATION: string }) {
  return { namespace: config.NAMESPACE, name: `kagent-hooks-${config.INSTALLATION}` };
}

const Lease = z
  .object({
    metadata: z.object({
      uid: z.string(),
      resourceVersion: z.string(),
      annotations: z.record(z.string(), z.string()).default({}),
    }),
    spec: z.object({ holderIdentity: z.string().default(''), renewTime: z.string().default('') }).default({
      holderIdentity: '',
      renewTime: '',
    }),
  })
  .transform(({ metadata, spec }) => ({ ...metadata, holder: spec.holderIdentity, renewed: spec.renewTime }));
export type Lease = z.infer<typeof Lease>;

/** Undefined where there is none. */
export async function readLease({ api, ...place }: LeasePlace): Promise<Lease | undefined> {
  try {
    return Lease.parse(await api.json({ path: leaseAt(place) }));
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

/** Throws a KubeError with status 409 where another watcher has made it meanwhile. */
export async function createLease({ api, identity, ...place }: LeasePlace, annotations: Record<string, string>) {
  const created = await api.json({
    method: 'POST',
    path: leasesIn(place.namespace),
    body: {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: place.name, namespace: place.namespace, annotations },
      spec: specOf(identity),
    },
  });
  return Lease.parse(created);
}

/** Null removes an annotation. Throws a KubeError with status 409 where it has changed since that version was read. */
export async function patchLease(
  { api, identity, ...place }: LeasePlace,
  resourceVersion: string,
  annotations: Record<string, string | null>,
): Promise<void> {
  await api.json({
    method: 'PATCH',
    path: leaseAt(place),
    contentType: 'application/merge-patch+json',
    body: { metadata: { annotations, resourceVersion }, spec: specOf(identity) },
  });
}

/** Writes who holds it, and that it does so now. Throws a KubeError with status 409 where it has changed since. */
export function holdLease(place: LeasePlace, resourceVersion: string): Promise<void> {
  return patchLease(place, resourceVersion, {});
}

function specOf(identity: string) {
  return { holderIdentity: identity, renewTime: isoMicros(Date.now()) };
}

function leasesIn(namespace: string): string {
  return pathOf('apis', 'coordination.k8s.io', 'v1', 'namespaces', namespace, 'leases');
}

function leaseAt({ namespace, name }: Pick<LeasePlace, 'namespace' | 'name'>): string {
  return leasesIn(namespace) + pathOf(name);
}
