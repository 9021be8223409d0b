/**
 * What users and kubelets do to a cluster: make namespaces, Hooks and Pods, and write Pod status as a kubelet would.
 *
 * On the real API server. There is no kubelet there, so its reports are written by hand, in its form.
 */
import { KubeConfig } from '@kubernetes/client-node';
import { type ApiServer, connectApiServer, KubeError } from '../../watcher/kube/api-server.ts';
import { uidOf } from '../../watcher/kube/uid-of.ts';

export interface ClusterActions {
  api: ApiServer;
  createNamespace: (name: string) => Promise<void>;
  createHook: (namespace: string, name: string, eventConfigurations: unknown) => Promise<string>;
  getHook: (namespace: string, name: string) => Promise<unknown>;
  deleteHooks: (namespace: string) => Promise<void>;
  /** A Pod on a node that no kubelet serves, or, with `wants`, one that the scheduler has to place. */
  createPod: (
    namespace: string,
    name: string,
    over?: { wants?: { cpu: string }; readinessProbe?: object },
  ) => Promise<string>;
  setStatus: (namespace: string, name: string, status: unknown) => Promise<void>;
  deletePod: (namespace: string, name: string) => Promise<void>;
}

const node = 'node-a';
/** So that a container may be unready for a second only after its start. */
const quickProbe = { periodSeconds: 1, failureThreshold: 1 };

export function actOn(kubeconfigPath: string): ClusterActions {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  const api = connectApiServer(config, 'kagent-hooks-tests');
  const create = async (path: string, body: unknown) => {
    try {
      return await api.json({ method: 'POST', path, body });
    } catch (error) {
      if (error instanceof KubeError && error.status === 409) return undefined;
      throw error;
    }
  };
  return {
    api,
    createNamespace: async (name) => {
      await create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: node } });
      await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      await create(`/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } });
    },
    createHook: async (namespace, name, eventConfigurations) => {
      const hook = {
        apiVersion: 'kagent.dev/v1alpha2',
        kind: 'Hook',
        metadata: { name },
        spec: { eventConfigurations },
      };
      return uidOf(await create(hooksIn(namespace), hook)) ?? '';
    },
    getHook: (namespace, name) => api.json({ path: `${hooksIn(namespace)}/${name}` }),
    deleteHooks: async (namespace) => {
      await api.json({ method: 'DELETE', path: hooksIn(namespace) });
    },
    createPod: async (namespace, name, over = {}) => {
      const container = {
        name: 'app',
        image: 'registry.example/app:1',
        ...(over.wants !== undefined && { resources: { requests: over.wants } }),
        ...(over.readinessProbe !== undefined && { readinessProbe: { ...quickProbe, ...over.readinessProbe } }),
      };
      const spec = { containers: [container], ...(over.wants === undefined && { nodeName: node }) };
      return uidOf(await create(podsIn(namespace), { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec })) ?? '';
    },
    setStatus: async (namespace, name, status) => {
      const contentType = 'application/merge-patch+json';
      await api.json({ method: 'PATCH', path: `${podsIn(namespace)}/${name}/status`, contentType, body: { status } });
    },
    deletePod: async (namespace, name) => {
      const query = { gracePeriodSeconds: '0' };
      await api.json({ method: 'DELETE', path: `${podsIn(namespace)}/${name}`, query });
    },
  };
}

export const nowSeconds = (offsetMs = 0) => `${new Date(Date.now() + offsetMs).toISOString().slice(0, 19)}Z`;

/** The status that a kubelet writes after a container was OOM-killed and started again. */
export function oomKilled(run: { killed: string; now: string; restartCount: number; at?: string; message?: string }) {
  return restarted({ ...run, exitCode: 137, reason: 'OOMKilled' });
}

export function restarted(run: {
  killed: string;
  now: string;
  restartCount: number;
  exitCode: number;
  reason: string;
  at?: string;
  /** What the container wrote as its last words. */
  message?: string;
}) {
  const { killed, now, restartCount, exitCode, reason, message, at = nowSeconds() } = run;
  const terminated = {
    exitCode,
    reason,
    message,
    startedAt: at,
    finishedAt: at,
    containerID: `containerd://${killed}`,
  };
  return {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'app',
        state: { running: { startedAt: at } },
        lastState: { terminated },
        ready: true,
        started: true,
        restartCount,
        image: 'registry.example/app:1',
        imageID: '',
        containerID: `containerd://${now}`,
      },
    ],
  };
}

/** The status of a Pod that runs well, or, with `ready: false`, whose readiness probe fails since `since`. */
export function running({ ready = true, since = nowSeconds() } = {}) {
  const status = ready ? 'True' : 'False';
  return {
    phase: 'Running',
    conditions: [
      { type: 'ContainersReady', status, lastTransitionTime: since },
      { type: 'Ready', status, lastTransitionTime: since },
    ],
    containerStatuses: [
      {
        name: 'app',
        state: { running: { startedAt: since } },
        lastState: {},
        ready,
        started: true,
        restartCount: 0,
        image: 'registry.example/app:1',
        imageID: '',
        containerID: 'containerd://first',
      },
    ],
  };
}

function hooksIn(namespace: string): string {
  return `/apis/kagent.dev/v1alpha2/namespaces/${namespace}/hooks`;
}

function podsIn(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/pods`;
}
