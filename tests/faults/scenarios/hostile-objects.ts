/** Objects in one namespace that are made to mislead or to choke the watcher, and a neighbour that must not notice. */
import { learnForMs } from '../../../watcher/observing/learn-owners.ts';
import { oomKilled } from '../../e2e/cluster-actions.ts';
import { kubeconfigPath } from '../../engines/of-worker.ts';
import { waitFor } from '../../wait-for.ts';
import { createRecorder } from '../recorder.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { core, inParallel, podSpec, type Troubled } from '../troubled.ts';
import { expectWell } from '../watcher-health.ts';

const agentRef = { name: 'memory-analyzer' };
const limitMs = 5000;
const pods = `${core}/pods`;
const killed = () => oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 });

/** Part of each name that nobody may ask for. */
const planted = 'planted';
const paths = [
  `x/../../../../../../api/v1/secrets/${planted}?limit=1`,
  `../../../../../api/v1/namespaces/${planted}`,
  `../${planted}`,
  `x/status?${planted}`,
  `%2e%2e%2f${planted}`,
  `..%2f${planted}?a=b#c`,
  '..',
  '.',
  `${planted} with spaces`,
  `UPPER-${planted}`,
  `${planted}#fragment`,
  `${planted}\u202e\u0000`,
];
const plainName = 'plain-name';
const kinds = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'];

interface Owner {
  kind: string;
  name: string;
}

/** The garbage collector knows no such group, and leaves the Pods; nothing of ours asks for the group of a ReplicaSet. */
const apiVersion = 'apps.example/v1';

/** A Pod that says that it belongs to this owner, OOM-killed; whether the API server took it. */
async function killOwned(
  { world, expected }: Stage,
  noisy: Troubled,
  [name, owner]: [string, Owner],
): Promise<boolean> {
  const uid = `00000000-0000-4000-8000-${Buffer.from(name).toString('hex').slice(-12).padStart(12, '0')}`;
  const ownerReferences = [{ apiVersion, controller: true, uid, ...owner }];
  const made = await noisy.createIfAccepted(pods, { metadata: { name, ownerReferences }, spec: podSpec });
  if (made === undefined) return false;
  expected.set(name, 1);
  await world.cluster.setStatus(noisy.namespace, name, killed());
  return true;
}

/** One more has a name that may be asked for. Every one of the Pods is asked about as well. */
async function ownersThatMislead(stage: Stage, misleading: readonly Owner[]) {
  const owners = [...misleading, { kind: 'ReplicaSet', name: plainName }];
  const noisy = await stage.troubled();
  const recorder = await createRecorder(kubeconfigPath(), stage.world.run.folder);
  stage.closing.push(recorder.close);
  await noisy.createHook('memory', [{ eventType: 'oom-kill', agentRef, prompt: '{{.ResourceName}}: {{.OwnerName}}' }]);
  const { watcher } = await stage.startBoth({ KUBECONFIG: recorder.kubeconfigPath });
  const accepted = await Promise.all(owners.map((owner, n) => killOwned(stage, noisy, [`owned-${n}`, owner])));
  if (accepted.filter((isAccepted) => isAccepted).length < 2)
    throw new Error('The API server took none of the owner references.');
  await stage.neighbour.isAskedWithin(limitMs);
  // Whoever tried in vain to ask for such an owner would hold its Pod back for as long.
  await waitFor(
    'those Pods as well',
    async () => owners.every((_, n) => accepted[n] !== true || stage.world.asksAbout(`owned-${n}`).length > 0),
    learnForMs / 2,
  );
  await expectOnlyNames(recorder.asked);
  await expectWell(watcher);
  return [watcher];
}

/** What is asked for about owners is what may be; that it is asked for at all shows that somebody could have been misled. */
async function expectOnlyNames(asked: readonly string[]): Promise<void> {
  await waitFor('the owner that has a name', async () =>
    asked.some((line) => line.endsWith(`/replicasets/${plainName}`)),
  );
  const wrong = asked.filter((line) => line.includes(planted) || /secrets|\/replicasets\/[^?]*[^-a-z0-9?]/.test(line));
  if (wrong.length > 0) throw new Error(`The API server was asked: ${wrong.join(', ')}`);
}

/** Each about as large as the API server takes it: etcd stores no more than 1.5 MiB. */
function largePods(): Record<string, object> {
  const uid = '00000000-0000-4000-8000-000000000001';
  const owner = { apiVersion: 'v1', kind: 'ReplicaSet', name: 'n', uid, controller: true };
  const labels = Array.from({ length: 50_000 }, (_, n) => [`l${n}`, 'v']); // twice, as the server also keeps who set them
  const owners = Array.from({ length: 5000 }, (_, n) => ({ ...owner, uid: `u${n}`, controller: n === 4999 }));
  return {
    'long-owner': { ownerReferences: [{ ...owner, name: 'n'.repeat(1_500_000) }] },
    'long-kind': { ownerReferences: [{ ...owner, kind: 'k'.repeat(1_500_000) }] },
    'long-annotation': { annotations: { note: 'a'.repeat(262_000) } },
    'many-labels': { labels: Object.fromEntries(labels) },
    'many-owners': { ownerReferences: owners },
  };
}

/** As many patterns and expressions as one Hook may have, that are as dear as they may be, and let nothing through. */
function dearConfigurations() {
  const names = Array.from({ length: 50 }, (_, n) => `*${'n*'.repeat(100)}x${n}`);
  const expression = 'incident.labels.all(a, incident.labels.all(b, a + b != ""))';
  return Array.from({ length: 50 }, (_, n) => ({
    eventType: 'oom-kill',
    name: `dear-${n}`,
    agentRef,
    prompt: 'troubled: {{.ResourceName}}',
    match: n % 2 === 0 ? { expression } : { names }, // the status of the Hook names the first
  }));
}

export const hostileScenarios: readonly Scenario[] = [
  {
    name: 'neighbour of owner references that are paths',
    run: (stage) =>
      ownersThatMislead(
        stage,
        paths.map((name) => ({ kind: 'ReplicaSet', name })),
      ),
  },
  {
    name: 'neighbour of owners of kind constructor and the like',
    run: (stage) =>
      ownersThatMislead(
        stage,
        kinds.map((kind) => ({ kind, name: planted })),
      ),
  },
  {
    name: 'neighbour of objects as large as they may be',
    mostMiB: 600,
    needsWholeMachine: true,
    run: async (stage) => {
      const { world, uncounted } = stage;
      const noisy = await stage.troubled();
      await noisy.createHook('dear', dearConfigurations());
      const { watcher } = await stage.startBoth();
      const large = Object.entries(largePods());
      const names = large.map(([name]) => name);
      await inParallel(large, ([name, more]) => noisy.create(pods, { metadata: { name, ...more }, spec: podSpec }));
      for (let round = 1; round <= 3; round += 1) {
        const status = oomKilled({ killed: `c${round - 1}`, now: `c${round}`, restartCount: round });
        const trouble = inParallel(names, (name) => world.cluster.setStatus(noisy.namespace, name, status));
        await stage.neighbour.isAskedWithin(limitMs);
        await trouble;
      }
      uncounted.add('troubled');
      await waitFor('the Hook to say that its expressions are too dear', async () => {
        const { conditions = [] } = await noisy.hookStatus('dear');
        return conditions.some(({ reason }) => reason === 'ExpressionFailed');
      });
      await expectWell(watcher);
      return [watcher];
    },
  },
];
