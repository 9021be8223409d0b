/**
 * Makes real trouble: a Pod that the scheduler cannot place, and Pods with the status that a kubelet writes after an OOM
 * kill and in a crash loop.
 *
 * Never in a cluster of the user's. Ours has no kubelet, so its reports are written in its place, through the same status
 * subresource.
 */
import type { Kubectl } from '../system/kubectl.ts';

export const demoNamespace = 'demo';

/** What has to reach an agent exactly once. */
export interface Trouble {
  type: string;
  pod: string;
  /** What was done, as shown to the user. */
  how: string;
}

const node = 'demo-node';
const image = 'registry.example/app:1';

export const troubles: readonly Trouble[] = [
  { type: 'oom-kill', pod: 'recommender', how: 'its status says what a kubelet writes after an OOM kill' },
  { type: 'pod-restart', pod: 'checkout', how: 'its status says what a kubelet writes in a crash loop' },
  { type: 'pod-pending', pod: 'trainer', how: 'it asks for 1000 CPUs, and the real scheduler cannot place it' },
];

export async function makeTrouble(kubectl: Kubectl): Promise<void> {
  const items = [
    { apiVersion: 'v1', kind: 'Node', metadata: { name: node } },
    aPod('recommender', { nodeName: node }),
    aPod('checkout', { nodeName: node }),
    aPod('trainer', { requests: { cpu: '1000' } }),
  ];
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await setStatus(kubectl, 'recommender', containerStatus({ run: 0 }));
  await setStatus(kubectl, 'checkout', containerStatus({ run: 0 }));
  await setStatus(kubectl, 'recommender', containerStatus({ run: 1, ended: { exitCode: 137, reason: 'OOMKilled' } }));
  const restarted = { run: 1, ended: { exitCode: 1, reason: 'Error' } };
  await setStatus(kubectl, 'checkout', containerStatus(restarted));
  await setStatus(kubectl, 'checkout', containerStatus({ ...restarted, isHeldBack: true }));
}

function aPod(name: string, { nodeName, requests }: { nodeName?: string; requests?: object }): object {
  const container = { name: 'app', image, ...(requests !== undefined && { resources: { requests } }) };
  const forever = [{ operator: 'Exists' }]; // the node has no kubelet, and Pods on it must not be evicted for that
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: demoNamespace, labels: { app: name } },
    spec: { containers: [container], tolerations: forever, ...(nodeName !== undefined && { nodeName }) },
  };
}

async function setStatus(kubectl: Kubectl, pod: string, status: object): Promise<void> {
  const patch = JSON.stringify({ status });
  await kubectl(['patch', 'pod', pod, '-n', demoNamespace, '--subresource=status', '--type=merge', '-p', patch]);
}

interface ContainerRun {
  /** How often the container was started again. */
  run: number;
  ended?: { exitCode: number; reason: string };
  /** It has ended once more, and the kubelet holds the next start back. */
  isHeldBack?: boolean;
}

/** The part of a Pod's status that a kubelet writes about its one container. */
function containerStatus({ run, ended, isHeldBack = false }: ContainerRun): object {
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const lastRun = isHeldBack ? run : run - 1;
  const terminated = { ...ended, startedAt: now, finishedAt: now, containerID: `containerd://run-${lastRun}` };
  const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' };
  return {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'app',
        image,
        imageID: image,
        containerID: `containerd://run-${run}`,
        ready: !isHeldBack,
        started: !isHeldBack,
        restartCount: run,
        state: isHeldBack ? { waiting, running: null } : { running: { startedAt: now } },
        lastState: ended === undefined ? {} : { terminated },
      },
    ],
  };
}
