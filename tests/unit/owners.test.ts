import { describe, expect, it } from 'vitest';
import type { ApiServer, KubeRequest } from '../../watcher/kube/api-server.ts';
import { KubeError } from '../../watcher/kube/api-server.ts';
import { createOwners, type OwnerLink, viewOwner } from '../../watcher/observing/owners.ts';

const deployment = { kind: 'Deployment', name: 'web', uid: 'deployment-uid' };
const replicas = { kind: 'ReplicaSet', name: 'web-7d9', uid: 'rs-uid' };
const pod = { namespace: 'shop', owner: replicas };

function aScene(answer: (request: KubeRequest) => unknown, links = new Map<string, OwnerLink>()) {
  const asked: KubeRequest[] = [];
  const api: ApiServer = {
    open: () => Promise.reject(new Error('Only JSON is asked for.')),
    json: async (request) => {
      asked.push(request);
      return answer(request);
    },
    close: () => undefined,
  };
  return { owners: createOwners(api, (uid) => links.get(uid)), asked, links };
}

const metadataOf = (uid: string) => ({
  metadata: { uid, name: 'web-7d9', ownerReferences: [{ ...deployment, controller: true }] },
});

describe('owners', () => {
  it('lead from a Pod over its ReplicaSet to its Deployment, without a request when the watch has shown them', async () => {
    const { owners, asked, links } = aScene(() => undefined);
    links.set('rs-uid', { uid: 'rs-uid', owner: deployment });
    await owners.learn(pod);
    expect(owners.of(pod)).toEqual([replicas, deployment]);
    expect(asked).toEqual([]);
  });

  it('that the watch has not shown yet are asked for once, metadata only, for all Pods of a ReplicaSet', async () => {
    const { owners, asked } = aScene(() => metadataOf('rs-uid'));
    await owners.learn(pod);
    await owners.learn({ ...pod });
    expect(owners.of(pod)).toEqual([replicas, deployment]);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.path).toBe('/apis/apps/v1/namespaces/shop/replicasets/web-7d9');
    expect(asked[0]?.accept).toMatch(/^application\/json;as=PartialObjectMetadata;/);
  });

  it('that are gone, or are others of the same name, end the chain', async () => {
    for (const answer of [() => metadataOf('another-uid'), () => Promise.reject(new KubeError('gone', 404))]) {
      const { owners } = aScene(answer);
      await owners.learn(pod);
      expect(owners.of(pod)).toEqual([replicas]);
    }
  });

  it('that cannot be asked for now are an error, so that no incident gets an identity by chance', async () => {
    const { owners } = aScene(() => Promise.reject(new KubeError('busy', 500)));
    await expect(owners.learn(pod)).rejects.toThrow('busy');
  });

  it('of kinds that nobody owns are not asked for', async () => {
    const { owners, asked } = aScene(() => undefined);
    await owners.learn({ namespace: 'shop', owner: { kind: 'StatefulSet', name: 'db', uid: 'db-uid' } });
    await owners.learn({ namespace: 'shop' });
    expect(asked).toEqual([]);
  });

  it.each([
    ['ReplicaSet', '../../../../../../api/v1/pods?watch=1&x='],
    ['ReplicaSet', 'web/../x'],
    ['Job', '..'],
    ['Job', 'a'.repeat(254)],
    ['ReplicaSet', ''],
    ['constructor', 'web'],
    ['__proto__', 'web'],
    ['toString', 'web'],
  ])('of kind %s called %s are no objects that could be asked for', async (kind, name) => {
    const { owners, asked } = aScene(() => undefined);
    const stranger = { namespace: 'shop', owner: { kind, name, uid: 'x' } };
    expect(owners.knows(stranger)).toBe(true);
    await owners.learn(stranger);
    expect(asked).toEqual([]);
    expect(owners.of(stranger)).toEqual([stranger.owner]);
  });

  it('of another namespace lead nowhere, and what was said of them there counts for nobody else', async () => {
    const { owners, links } = aScene(() => Promise.reject(new KubeError('gone', 404)));
    const borrowed = { namespace: 'attacker', owner: replicas };
    await owners.learn(borrowed);
    expect([owners.knows(borrowed), owners.knows(pod)]).toEqual([true, false]);
    links.set('rs-uid', { uid: 'rs-uid', namespace: 'shop', owner: deployment });
    expect(owners.of(borrowed)).toEqual([replicas]);
    expect(owners.of(pod)).toEqual([replicas, deployment]);
  });

  it('are asked for with a deadline of their own', async () => {
    const { owners, asked } = aScene(() => metadataOf('rs-uid'));
    await owners.learn(pod);
    expect(asked[0]?.signal?.aborted).toBe(false);
  });

  it('that own each other do not go on for ever', () => {
    const links = new Map<string, OwnerLink>([['rs-uid', { uid: 'rs-uid', owner: replicas }]]);
    expect(aScene(() => undefined, links).owners.of(pod).length).toBeLessThan(10);
  });
});

it('the controller is the owner, whoever else is named', () => {
  const ownerReferences = [
    { kind: 'Node', name: 'a', uid: 'a' },
    { ...deployment, controller: true },
  ];
  expect(viewOwner({ metadata: { uid: 'rs-uid', name: 'x', resourceVersion: '1', ownerReferences } })).toEqual({
    uid: 'rs-uid',
    resourceVersion: '1',
    owner: deployment,
  });
  expect(viewOwner({ kind: 'Status' })).toBeUndefined();
});
