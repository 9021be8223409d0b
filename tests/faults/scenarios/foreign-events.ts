/** Events in one namespace about the Pods of another: they start nothing there, and excuse no crash. */
import type { ProductServer } from '../../../deploy/local/start-product.ts';
import { nowSeconds, restarted, running } from '../../e2e/cluster-actions.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { core, type Troubled } from '../troubled.ts';
import { expectWell } from '../watcher-health.ts';

const agentRef = { name: 'memory-analyzer' };
const limitMs = 5000;

/** An Event about a Pod of the neighbour, in every form in which one may try to write it from elsewhere. */
function forgedEvents(from: string, about: Target, said: { reason: string; message: string }): [string, object][] {
  // For as long as a failed mount has to last.
  const times = { firstTimestamp: nowSeconds(-60_000), lastTimestamp: nowSeconds(), count: 9 };
  const reference = {
    apiVersion: 'v1',
    kind: 'Pod',
    name: about.name,
    uid: about.uid,
    fieldPath: 'spec.containers{app}',
  };
  return [about.namespace, from, ''].flatMap((namespace, n): [string, object][] => {
    const object = { ...reference, namespace };
    const metadata = { name: `${about.name}.${said.reason.toLowerCase()}.${n}` };
    const newer = {
      eventTime: new Date().toISOString().replace('Z', '000Z'),
      reportingController: 'kubelet',
      reportingInstance: 'node-a',
    };
    return [
      [`${core}/events`, { metadata, involvedObject: object, type: 'Warning', ...said, ...times }],
      [
        '/apis/events.k8s.io/v1/events',
        {
          metadata: { name: `${metadata.name}.v1` },
          regarding: object,
          type: 'Warning',
          reason: said.reason,
          note: said.message,
          action: 'Kill',
          ...newer,
        },
      ],
    ];
  });
}

interface Target {
  namespace: string;
  name: string;
  uid: string;
}

async function forge(noisy: Troubled, about: Target, said: { reason: string; message: string }): Promise<void> {
  let accepted = 0;
  for (const [path, body] of forgedEvents(noisy.namespace, about, said)) {
    if ((await noisy.createIfAccepted(path, body)) !== undefined) accepted += 1;
  }
  if (accepted === 0) throw new Error(`The API server took no Event of ${noisy.namespace} about ${about.name}.`);
}

const mountFailed = { reason: 'FailedMount', message: 'MountVolume.SetUp failed for volume "data" : not found' };
const probeKilled = { reason: 'Killing', message: 'Container app failed liveness probe, will be restarted' };
const specChanged = { reason: 'Killing', message: 'Container app definition changed, will be restarted' };

/** The Pod shows a change, as one does whose container is restarted for it; then it crashes by itself. */
async function crashAfterChange({ world }: Stage, name: string, between: () => Promise<void>): Promise<void> {
  const { cluster, namespace } = world;
  const body = { spec: { containers: [{ name: 'app', image: 'registry.example/app:2' }] } };
  const contentType = 'application/strategic-merge-patch+json';
  await cluster.api.json({ method: 'PATCH', path: `${core}/namespaces/${namespace}/pods/${name}`, contentType, body });
  await between();
  const crash = restarted({ killed: 'first', now: 'c1', restartCount: 1, exitCode: 137, reason: 'Error' });
  await cluster.setStatus(namespace, name, crash);
}

async function eventsFromElsewhere(stage: Stage): Promise<readonly ProductServer[]> {
  const { world, expected } = stage;
  const { cluster, namespace } = world;
  const noisy = await stage.troubled();
  const types = ['volume-mount-failed', 'probe-failed', 'pod-restart'];
  const match = { names: ['target-*'] };
  const prompt = '{{.ResourceName}}: {{.EventType}}';
  await cluster.createHook(
    namespace,
    'targets',
    types.map((eventType) => ({ eventType, agentRef, prompt, match })),
  );
  const { watcher } = await stage.startBoth();
  const target = async (name: string, status?: object): Promise<Target> => {
    const uid = await cluster.createPod(namespace, name);
    if (status !== undefined) await cluster.setStatus(namespace, name, status);
    return { namespace, name, uid };
  };
  await forge(noisy, await target('target-volume'), mountFailed);
  await forge(noisy, await target('target-probe', running()), probeKilled);
  const crash = await target('target-crash', running());
  expected.set('target-crash', 1);
  await crashAfterChange(stage, 'target-crash', () => forge(noisy, crash, specChanged));
  // The same words from the namespace itself do start something, so they were understood.
  const own = await target('target-own');
  expected.set('target-own', 1);
  const [path, body] = forgedEvents(namespace, own, mountFailed)[0] ?? [];
  await cluster.api.json({
    method: 'POST',
    path: `${path?.replace('/events', `/namespaces/${namespace}/events`)}`,
    body,
  });
  await stage.neighbour.isAskedWithin(limitMs);
  await Promise.all(['target-own', 'target-crash'].map(stage.untilAsked));
  await cluster.deletePod(namespace, 'target-own'); // or it would wait for its volume for ever
  await expectWell(watcher);
  return [watcher];
}

export const foreignEventScenarios: readonly Scenario[] = [
  { name: 'neighbour of Events about its Pods, written elsewhere', run: eventsFromElsewhere },
];
