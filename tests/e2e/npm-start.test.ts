/** `npm start` as a user meets it: what it prints, how it ends, what it leaves, and what it does not touch. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { beforeEach, expect, inject, it, onTestFinished } from 'vitest';
import { variableOf } from '../../deploy/local/settings.ts';
import { untilEstablished } from '../../deploy/local/until-established.ts';
import type { EngineName } from '../../deploy/local/versions.ts';
import { searchAttributeTypes } from '../../workflows/contract/plain/names.ts';
import { kubeconfigPath } from '../engines/of-worker.ts';
import { startFakeKagent } from '../fake-kagent/server.ts';
import { waitFor } from '../wait-for.ts';
import { actOn, oomKilled, running } from './cluster-actions.ts';

const engines = inject('enginePaths');
let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'npm-start-'));
  return () => rm(cache, { recursive: true, force: true });
});

interface Demo {
  child: ChildProcess;
  /** Everything printed so far, of both streams. */
  output: () => string;
  /** Resolves once this was printed; fails when the demo ends before. */
  printed: (text: string) => Promise<void>;
  ended: Promise<number | string>;
}

/** What the scripts of package.json run, in an environment that has nothing of the machine's but the engines. */
function startDemo(args: string[], environment: Record<string, string> = {}): Demo {
  const paths: Record<string, string> = {};
  let name: EngineName;
  for (name in engines) paths[variableOf(name)] = engines[name];
  const child = spawn(process.execPath, ['deploy/local/start.ts', ...args], {
    env: { PATH: process.env['PATH'], HOME: cache, XDG_CACHE_HOME: cache, ...paths, ...environment },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? '')),
  );
  const printed = async (text: string) => {
    await waitFor(`"${text}" to be printed`, async () => said.includes(text) || child.exitCode !== null, 100_000);
    expect(said).toContain(text);
  };
  return { child, output: () => said, printed, ended };
}

/** Processes that carry the mark of a run in this test's cache. */
async function processesLeft(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const marked = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.includes(`KAGENT_HOOKS_RUN=${cache}/`) ? [pid] : [];
    }),
  );
  return marked.flat();
}

const foldersLeft = () => readdir(join(cache, 'kagent-hooks', 'runs')).catch(() => []);

async function expectNothingLeft(): Promise<void> {
  expect(await processesLeft()).toEqual([]);
  expect(await foldersLeft()).toEqual([]);
}

async function kubectl(...args: string[]): Promise<string> {
  return (await promisify(execFile)(engines.kubectl, ['--kubeconfig', kubeconfigPath(), ...args])).stdout;
}

const sharedContext = async () => (await kubectl('config', 'current-context')).trim();

async function connectTemporal(): Promise<Client> {
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  onTestFinished(() => connection.close());
  return new Client({ connection });
}

/** A kube config whose current context leads to a server that only counts who comes. */
async function layTripwire(): Promise<{ path: string; visits: () => number }> {
  let visits = 0;
  const server = createServer((_, response) => response.end('{}')).on('connection', () => {
    visits += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'production',
    contexts: [{ name: 'production', context: { cluster: 'production', user: 'me' } }],
    clusters: [{ name: 'production', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'me', user: { token: 'secret' } }],
  };
  const path = join(cache, 'kubeconfig');
  await writeFile(path, JSON.stringify(config));
  return { path, visits: () => visits };
}

/** The incidents that were printed, by their beginning. */
function incidentsIn(text: string): { all: string[]; about: (title: string) => string } {
  const all = text.split('■ ').slice(1);
  return { all, about: (title) => all.find((incident) => incident.startsWith(title)) ?? '' };
}

/** What both protocols have in common. */
function expectThreeIncidents(text: string): void {
  const { all, about } = incidentsIn(text);
  expect(all).toHaveLength(3);
  expect(about('oom-kill of Pod recommender')).toMatch(/prompt +Container app was OOM-killed \(exit code 137\)/);
  expect(about('pod-restart of Pod checkout')).toMatch(
    /prompt +Container app of Pod checkout in namespace demo died at/,
  );
  expect(about('pod-pending of Pod trainer')).toMatch(/prompt[^■]*0\/1 nodes are available: 1 Insufficient cpu/);
  expect(about('pod-pending of Pod trainer')).toMatch(/> cause: unschedulable\n +> PodScheduled=False Unschedulable/);
  for (const incident of all) {
    const id = /started +(\S+)/.exec(incident)?.[1] ?? '';
    expect(incident).toContain(`/namespaces/default/workflows/${encodeURIComponent(id)}/`);
  }
  expect(text).toMatch(/The first incident was handled [\d.]+ s after the command\./);
  expect(text).toMatch(/\$ kubectl get hooks -n demo\nNAME.*\ncrashes +True +2 .*\nnot-running +True +1 /);
  expect(text).not.toContain('\u001b');
}

it('--once shows three incidents up to what their agents answered, ends with 0, leaves nothing, and knows no current context', async () => {
  const tripwire = await layTripwire();
  const demo = startDemo(['--once'], { KUBECONFIG: tripwire.path });
  expect(await demo.ended, demo.output()).toBe(0);
  const text = demo.output();
  expectThreeIncidents(text);
  expect(text).toMatch(/A stand-in for Kagent 0\.10 answers at http:\S+, by A2A/);
  const { all, about } = incidentsIn(text);
  for (const incident of all) {
    expect(incident).toMatch(
      /asked +session and message\/send at \/api\/a2a\/demo\/\S+\/ → 200, agent run [0-9a-f-]{36}\n/,
    );
    expect(incident).toMatch(/answered after \d+ s, AgentRunCompleted:\n {11}\S/);
  }
  expect(about('oom-kill')).toContain('delivering → asked → running → awaiting-approval → running → answered');
  expect(about('oom-kill')).toContain('k8s_patch_resource done');
  for (const title of ['pod-restart', 'pod-pending']) {
    expect(about(title)).toContain('delivering → asked → running → answered');
  }
  expect(text).toMatch(/demo\/memory-analyzer asks for an approval: k8s_patch_resource \{.*"recommender"/);
  const pause =
    /TEMPORAL_ADDRESS=\S+:\d+ npm run --silent approve -- ([0-9a-f]{16}) --approve --installation demo/.exec(text);
  expect(text).toContain(`Pause ${pause?.[1]} was approved by npm start.`);
  expect(about('oom-kill')).toContain('it used more memory than its limit allows');
  expect(about('pod-restart')).toContain('exits shortly after its start');
  expect(about('pod-pending')).toContain('No node can take the pod');
  expect(text).toContain('✓ 3 incidents, each reached its agent exactly once, and each was answered.');
  expect(tripwire.visits()).toBe(0);
  await expectNothingLeft();
});

it('--protocol rest shows the call of the specification, and says nothing of answers', async () => {
  const demo = startDemo(['--once', '--protocol', 'rest']);
  expect(await demo.ended, demo.output()).toBe(0);
  const text = demo.output();
  expectThreeIncidents(text);
  expect(text).toMatch(/A stand-in for Kagent answers at http:\S+, by the REST API/);
  for (const incident of incidentsIn(text).all) {
    expect(incident).toMatch(/asked +POST \/v1\/agents\/\S+\/execute → 200, agent run exec-/);
    expect(incident).toMatch(/now +delivering → asked\n/);
  }
  expect(text).toContain('✓ 3 incidents, each reached its agent exactly once.');
  await expectNothingLeft();
});

it('stays until SIGINT, even sent twice, then ends with 0; in a Temporal of the user only its own executions remain, closed', async () => {
  const client = await connectTemporal();
  const demo = startDemo([], {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_UI_URL: inject('temporalUiUrl'),
  });
  await demo.printed('Ctrl-C ends everything');
  expect(demo.child.exitCode).toBe(null);
  expect(demo.output()).toContain('each reached its agent exactly once; 1 wait(s) for your answer.');
  const installation = /(demo-[0-9a-f]{6})\/demo\/crashes/.exec(demo.output())?.[1];
  const query = `Installation='${installation}'`;
  const statuses = async () =>
    (await Array.fromAsync(client.workflow.list({ query }))).map(({ status }) => status.name).sort();
  expect(await statuses()).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
  expect(demo.output()).toContain(
    `Web UI   ${inject('temporalUiUrl')}/namespaces/default/workflows/${installation}%2F`,
  );
  demo.child.kill('SIGINT');
  demo.child.kill('SIGINT');
  expect(await demo.ended, demo.output()).toBe(0);
  expect(await waitFor('them to be closed', async () => !(await statuses()).includes('RUNNING') && statuses())).toEqual(
    ['TERMINATED', 'TERMINATED', 'TERMINATED'],
  );
  await expectNothingLeft();
});

it('SIGINT during the start ends it with 130 and without a result; nothing is left', async () => {
  const demo = startDemo([]);
  await demo.printed('Temporal answers at');
  demo.child.kill('SIGINT');
  expect(await demo.ended, demo.output()).toBe(130);
  expect(demo.output()).not.toMatch(/[✓✗]|Error|Trouble/);
  await expectNothingLeft();
});

it('SIGKILL in the middle leaves no process and no folder', async () => {
  const demo = startDemo([]);
  await demo.printed('The worker takes work');
  expect((await processesLeft()).length).toBeGreaterThan(4);
  demo.child.kill('SIGKILL');
  expect(await demo.ended).toBe('SIGKILL');
  await waitFor('everything to be gone', async () => (await foldersLeft()).length === 0);
  await expectNothingLeft();
});

it('a server that dies ends it with 1, with its name and the end of its log', async () => {
  const demo = startDemo([]);
  await demo.printed('Ctrl-C ends everything');
  const pids = await processesLeft();
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8')));
  const watcher = pids.find((_, n) => commands[n]?.includes('watcher/main.ts'));
  process.kill(Number(watcher), 'SIGKILL');
  expect(await demo.ended).toBe(1);
  expect(demo.output()).toMatch(
    /watcher has ended by itself\. The end of the log of watcher:\n\{.*"process":"watcher"/,
  );
  await expectNothingLeft();
});

it('--context watches that cluster for its own Hooks, makes no Pod, no namespace and no CRD there, and takes its Lease away', async () => {
  const client = await connectTemporal();
  const cluster = actOn(kubeconfigPath());
  const kagent = await startFakeKagent({ apiKey: 'their-key' });
  onTestFinished(async () => {
    await kagent.stop();
    cluster.api.close();
  });
  await kubectl('apply', '-f', 'deploy/crd/hooks.kagent.dev.yaml');
  await untilEstablished((args) => kubectl(...args));
  const namespace = 'of-the-user';
  await cluster.createNamespace(namespace);
  await cluster.createHook(namespace, 'theirs', [
    { eventType: 'oom-kill', agentId: 'memory-analyzer', prompt: 'OOM of {{.ResourceName}}' },
  ]);
  const leases = async () => (await kubectl('get', 'leases', '-n', 'default', '-o', 'name')).trim().split('\n');
  const inventory = async () => ({
    objects: await kubectl('get', 'pods,namespaces,nodes', '-A', '-o', 'name'),
    crd: await kubectl('get', 'crd', 'hooks.kagent.dev', '-o', 'jsonpath={.metadata.resourceVersion}'),
    leases: (await leases()).toSorted(),
  });
  const asks = () => kagent.requests.filter(({ method }) => method === 'POST');
  const before = await inventory();
  const demo = startDemo(['--context', await sharedContext()], {
    KUBECONFIG: kubeconfigPath(),
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    KAGENT_BASE_URL: kagent.url,
    KAGENT_API_KEY: 'their-key',
  });
  await demo.printed('No trouble is made there.');
  const installation = /as installation (\S+),/.exec(demo.output())?.[1];
  const theirs = before.leases.filter((name) => name !== '');
  expect((await inventory()).leases.filter((name) => name !== '')).toEqual(
    [...theirs, `lease.coordination.k8s.io/kagent-hooks-${installation}`].toSorted(),
  );
  expect(await inventory()).toMatchObject({ objects: before.objects, crd: before.crd });
  expect(asks()).toEqual([]);

  await cluster.createPod(namespace, 'leaky');
  await cluster.setStatus(namespace, 'leaky', running());
  await cluster.setStatus(namespace, 'leaky', oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));
  await waitFor('their agent to be asked', async () => asks().length > 0);
  expect(asks()[0]?.body).toMatchObject({ prompt: 'OOM of leaky' });
  await cluster.deletePod(namespace, 'leaky');

  demo.child.kill('SIGINT');
  expect(await demo.ended, demo.output()).toBe(0);
  expect(await inventory()).toEqual(before);
  const executions = await Array.fromAsync(client.workflow.list({ query: `Installation='${installation}'` }));
  expect(executions.map(({ status }) => status.name)).toEqual(['TERMINATED']);
  expect(demo.output()).toContain('is there already and is left alone');
  expect(demo.output()).not.toContain('delete crd');
  await expectNothingLeft();
});

it('a CRD that it made in a cluster of the user stays, and the command that removes it is said', async () => {
  await kubectl('delete', 'crd', 'hooks.kagent.dev', '--ignore-not-found');
  const context = await sharedContext();
  const demo = startDemo(['--context', context], { KUBECONFIG: kubeconfigPath() });
  await demo.printed('No trouble is made there.');
  const installation = /as installation (\S+),/.exec(demo.output())?.[1];
  demo.child.kill('SIGTERM');
  expect(await demo.ended, demo.output()).toBe(0);
  expect(demo.output()).toContain(`kubectl --context=${context} delete crd hooks.kagent.dev`);
  expect(await kubectl('get', 'crd', 'hooks.kagent.dev', '-o', 'name')).toContain('hooks.kagent.dev');
  expect(await kubectl('get', 'leases', '-n', 'default', '-o', 'name')).not.toContain(installation);
  await expectNothingLeft();
});

it('a Temporal namespace without the search attributes ends it with 1 and the commands that register them', async () => {
  const client = await connectTemporal();
  const namespace = 'without-attributes';
  const address = inject('temporalAddress');
  await promisify(execFile)(engines.temporal, ['operator', 'namespace', 'create', namespace, '--address', address]);
  const query = "WorkflowType='none'";
  await waitFor('the namespace', () => client.workflowService.countWorkflowExecutions({ namespace, query }));
  const demo = startDemo([], { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
  expect(await demo.ended, demo.output()).toBe(1);
  for (const name of Object.keys(searchAttributeTypes)) {
    expect(demo.output()).toContain(
      `temporal operator search-attribute create --address ${address} --namespace ${namespace} --name ${name} --type `,
    );
  }
  await expectNothingLeft();
});

it('a Temporal that does not answer ends it with 1 and its address', async () => {
  const demo = startDemo([], { TEMPORAL_ADDRESS: '127.0.0.1:1' });
  expect(await demo.ended, demo.output()).toBe(1);
  expect(demo.output()).toMatch(
    /TEMPORAL_ADDRESS is 127\.0\.0\.1:1, where namespace default could not be looked at: no Temporal answered/,
  );
  await expectNothingLeft();
});

it('a context that the kube config does not know ends it with 1 and its name', async () => {
  const tripwire = await layTripwire();
  const demo = startDemo(['--context', 'staging'], { KUBECONFIG: tripwire.path });
  expect(await demo.ended, demo.output()).toBe(1);
  expect(demo.output()).toMatch(/context .*"?staging"?.* does not exist/);
  expect(tripwire.visits()).toBe(0);
  await expectNothingLeft();
});

it.each([
  { args: ['--once', '--context', 'x'], environment: {}, says: '--once needs incidents' },
  { args: ['--context', ''], environment: {}, says: '--context is empty' },
  { args: ['--twice'], environment: {}, says: "Unknown option '--twice'" },
  { args: [], environment: { KAGENT_BASE_URL: 'http://x', KAGENT_PROTOCOL: 'rest' }, says: 'KAGENT_API_KEY is not' },
  { args: ['--protocol', 'soap'], environment: {}, says: '--protocol is "soap"' },
])('$args with $environment is refused before anything is started', async ({ args, environment, says }) => {
  const demo = startDemo(args, environment);
  expect(await demo.ended).toBe(1);
  expect(demo.output()).toContain(says);
  expect(await readdir(cache)).toEqual([]);
});
