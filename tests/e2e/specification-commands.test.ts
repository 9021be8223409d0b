/** The commands of the specification, run as they are printed: on a real API server, and against a worker that runs. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createProxyRule } from '../../activities/agents/http/proxy-rule.ts';
import { createRestAgent } from '../../activities/agents/rest/rest.ts';
import type { Server } from '../../deploy/local/servers/start-server.ts';
import { readConfig as readWatcherConfig } from '../../watcher/config.ts';
import { workflowIdOf } from '../../watcher/starting/identity.ts';
import { startOrJoin } from '../../watcher/starting/start.ts';
import { readConfig } from '../../workers/config.ts';
import { followCa } from '../../workers/secrets/ca-file.ts';
import { readCredentials } from '../../workers/secrets/credentials.ts';
import { makeCertificate } from '../api-server/certificate.ts';
import { aDelivery, canaryKey, someCredentials } from '../fake-kagent/a-delivery.ts';
import { startFakeKagent } from '../fake-kagent/server.ts';
import { anIncident, anOccurrence } from '../make.ts';
import { mountFolder } from '../mount-folder.ts';
import { quoteWith } from '../specification.ts';
import { waitFor } from '../wait-for.ts';
import { apiKey, startWorld, type World } from './world.ts';

/** The namespace of the printed commands; those that name none run in the one of the context, as for its users. */
const namespace = 'kagent-system';
const hasCurl = spawnSync('curl', ['--version']).status === 0;

let world: World;
let environment: Record<string, string>;

beforeAll(async () => {
  world = await startWorld();
  await world.cluster.createNamespace(namespace);
  const bin = mkdtempSync(join(world.run.folder, 'bin-'));
  symlinkSync(inject('enginePaths').kubectl, join(bin, 'kubectl'));
  const KUBECONFIG = join(bin, 'kubeconfig');
  writeFileSync(KUBECONFIG, await world.kubectl('config', 'view', '--raw', '--flatten'));
  environment = { ...world.run.environment, PATH: `${bin}:${world.run.environment['PATH']}`, KUBECONFIG };
  await shell(`kubectl config set-context --current --namespace=${namespace}`);
});

afterEach(() => shell('kubectl delete secret,configmap,deployment --all --wait=true'));
afterAll(() => world?.stop());

/** What the commands print, in a folder that holds these files. */
async function shell(commands: string, files: Record<string, string> = {}): Promise<string> {
  const cwd = mkdtempSync(join(world.run.folder, 'shell-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const { stdout } = await promisify(execFile)('sh', ['-ec', commands], { cwd, env: environment });
  return stdout;
}

/** Takes a manifest, as people do from a file. */
const apply = (manifest: string) => shell('kubectl apply -f manifest.yaml', { 'manifest.yaml': manifest });

const Secret = z.object({ data: z.record(z.string(), z.base64()) });

/** The files that a kubelet would make of the Secret in the cluster. */
async function filesOfSecret(): Promise<Record<string, string>> {
  const found: unknown = JSON.parse(await shell('kubectl get secret kagent-credentials -o json'));
  const files = Object.entries(Secret.parse(found).data);
  return Object.fromEntries(files.map(([name, text]) => [name, Buffer.from(text, 'base64').toString()]));
}

const mount = (files: Record<string, string>) => mountFolder(world.run.folder, files);

const readMounted = (folder: string) => readCredentials(readConfig({ INSTALLATION: 'p', KAGENT_SECRET_DIR: folder }));

describe('credentials', () => {
  it('the printed command makes a Secret that the worker reads', async () => {
    await shell(quoteWith('kubectl create secret'));
    const { folder } = mount(await filesOfSecret());
    expect(readMounted(folder)).toEqual({
      apiKey: 'your-kagent-api-key',
      baseUrl: 'https://api.kagent.dev',
      protocol: 'auto',
      timeoutMs: 30_000,
      maxAttempts: 3,
    });
  });

  it.each([
    ['prod-key-abc123...', { baseUrl: 'https://api.kagent.dev', timeoutMs: 30_000, maxAttempts: 3 }],
    ['dev-key-xyz789...', { baseUrl: 'https://dev.kagent.dev', timeoutMs: 10_000, maxAttempts: 1 }],
  ])('the printed Secret %s is taken by the cluster and read by the worker', async (key, settings) => {
    await apply(quoteWith(key));
    const { folder } = mount(await filesOfSecret());
    expect(readMounted(folder)).toEqual({ apiKey: key, protocol: 'auto', ...settings });
  });

  it('the printed exports are what the worker reads where there is no Secret', async () => {
    const printed = await shell(`${quoteWith('export KAGENT_API_KEY')}\nenv`);
    const set = Object.fromEntries(
      printed.split('\n').map((line) => [line.split('=', 1).join(), line.replace(/^.*?=/, '')]),
    );
    const config = readConfig({ INSTALLATION: 'p', ...set });
    expect(readCredentials(config)).toMatchObject({ apiKey: 'your-kagent-api-key', baseUrl: 'https://api.kagent.dev' });
  });

  it.runIf(hasCurl)('the printed curl reaches the health of Kagent with the key of the exports', async () => {
    const exports = quoteWith('export KAGENT_API_KEY').replace('https://api.kagent.dev', world.kagent.url);
    const [, curl = ''] = quoteWith('kubectl exec').split(' -- \\\n');
    expect(JSON.parse(await shell(`${exports}\n${curl}`))).toEqual({ status: 'ok' });
    expect(world.kagent.requests.at(-1)).toMatchObject({
      path: '/health',
      headers: { authorization: 'Bearer your-kagent-api-key' },
    });
  });
});

describe('a worker', () => {
  const urlOf = (server: Server) => z.object({ url: z.string() }).parse(server).url;

  /** With nothing but a mounted Secret that leads to the fake Kagent. */
  async function aWorker() {
    await apply(
      quoteWith('prod-key-abc123')
        .replace('prod-key-abc123...', apiKey)
        .replace('https://api.kagent.dev', world.kagent.url),
    );
    const mounted = mount(await filesOfSecret());
    const unset = { KAGENT_API_KEY: '', KAGENT_BASE_URL: '', KAGENT_TIMEOUT: '' };
    const worker = await world.start('worker', { ...unset, KAGENT_SECRET_DIR: mounted.folder });
    onTestFinished(() => worker.stop());
    return { worker, mounted };
  }

  /** Hands over an incident as the watcher does, and waits until the agent was asked about it. */
  async function ask(resourceName: string): Promise<void> {
    const subject = { kind: 'Pod', namespace: 'shop', name: resourceName, uid: `uid-of-${resourceName}` };
    const occurrence = anOccurrence();
    const incident = anIncident({ installation: world.installation, subject, occurrence });
    await startOrJoin(world.client, { workflowId: workflowIdOf(incident), incident, occurrences: [occurrence] });
    await waitFor(`the agent being asked about ${resourceName}`, async () => world.asksAbout(resourceName).length > 0);
  }

  const grepped = async (worker: Server) => {
    const [, logs = ''] = quoteWith('LOG_LEVEL=debug').split('\n');
    const command = logs.replace(/^kubectl logs .*(?= \|)/, `cat ${worker.logFile}`);
    return (await shell(command))
      .trim()
      .split('\n')
      .filter((line) => line.includes('"POST"'));
  };

  it('the printed patch gives the next call 60 s, without a restart', async () => {
    const { worker, mounted } = await aWorker();
    const { pid } = worker;
    await ask('before');
    await shell(quoteWith('kubectl patch secret'));
    const patched = await filesOfSecret();
    expect(Object.keys(patched)).toEqual(['api-key', 'base-url', 'max-retries', 'timeout']);
    mounted.change(patched);
    await ask('after');
    const timeouts = (await grepped(worker)).flatMap((line) => /"timeoutMs":(\d+)/.exec(line)?.[1] ?? []);
    expect(timeouts).toEqual(['30000', '60000']);
    expect(worker.pid).toBe(pid);
  });

  it('the printed grep finds a request and its answer in the log of the worker', async () => {
    const { worker } = await aWorker();
    await ask('leaky');
    const lines = await waitFor('both lines', async () => {
      const found = await grepped(worker);
      return found.length >= 2 && found;
    });
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      {
        name: 'kagent-api',
        msg: 'request',
        path: '/v1/agents/memory-analyzer/execute',
        authorization: 'Bearer [redacted]',
      },
      { name: 'kagent-api', msg: 'answer', status: 200, executionId: expect.stringMatching(/^exec-/) as unknown },
    ]);
  });

  it.runIf(hasCurl)('the printed curl shows the health of the worker', async () => {
    expect(readConfig({ INSTALLATION: 'p' }).HEALTH_PORT).toBe(8081);
    const { worker } = await aWorker();
    const curl = quoteWith('localhost:8081').replace('8081', new URL(urlOf(worker)).port);
    expect(JSON.parse(await shell(curl))).toMatchObject({ status: 'ok', wrong: [] });
  });
});

describe('the Deployment kagent-hook-controller', () => {
  const Deployment = z.object({
    spec: z.object({
      template: z.object({
        spec: z.object({
          containers: z.array(
            z.object({ name: z.string(), env: z.array(z.object({ name: z.string(), value: z.string() })) }),
          ),
        }),
      }),
    }),
  });

  /** The environment of both containers of such a Deployment, after the command was run. */
  async function environmentsAfter(command: string) {
    const labels = { app: 'kagent-hook-controller' };
    const env = [{ name: 'INSTALLATION', value: 'prod' }];
    const containers = ['worker', 'watcher'].map((name) => ({ name, image: 'registry.example/kagent-hooks:1', env }));
    const template = { metadata: { labels }, spec: { containers } };
    const metadata = { name: 'kagent-hook-controller' };
    const spec = { replicas: 0, selector: { matchLabels: labels }, template };
    await apply(JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }));
    await shell(command);
    const found: unknown = JSON.parse(await shell('kubectl get deployment kagent-hook-controller -o json'));
    const of = (container: string) => {
      const { env: set = [] } =
        Deployment.parse(found).spec.template.spec.containers.find(({ name }) => name === container) ?? {};
      return Object.fromEntries(set.map(({ name, value }) => [name, value]));
    };
    return { worker: of('worker'), watcher: of('watcher') };
  }

  it('the printed proxy is what the worker of the Deployment calls Kagent through', async () => {
    const { worker } = await environmentsAfter(quoteWith('HTTP_PROXY'));
    const { HTTP_PROXY: httpProxy, HTTPS_PROXY: httpsProxy, NO_PROXY: noProxy } = readConfig(worker);
    const proxyOf = createProxyRule({ httpProxy, httpsProxy, noProxy });
    expect(proxyOf(new URL('https://api.kagent.dev'))).toBe('http://proxy:8080');
    expect(proxyOf(new URL('http://dev.kagent.dev'))).toBe('http://proxy:8080');
  });

  it('the printed log level is read by both processes of the Deployment', async () => {
    const [command = ''] = quoteWith('LOG_LEVEL=debug').split('\n');
    const { worker, watcher } = await environmentsAfter(command);
    expect([readConfig(worker).LOG_LEVEL, readWatcherConfig(watcher).LOG_LEVEL]).toEqual(['debug', 'debug']);
  });
});

it('the printed ConfigMap makes the worker trust a Kagent of that CA', async () => {
  const tls = makeCertificate();
  const kagent = await startFakeKagent({ apiKey: canaryKey, tls });
  onTestFinished(() => kagent.stop());
  const call = (caPem?: () => string | undefined) => {
    const readCredentialsOfTest = () => someCredentials({ baseUrl: kagent.url });
    const trust = caPem === undefined ? {} : { caPem };
    const agent = createRestAgent({ readCredentials: readCredentialsOfTest, version: '1', ...trust });
    return agent.start(aDelivery(), { idempotencyKey: 'k', signal: new AbortController().signal });
  };
  await expect(call()).rejects.toMatchObject({ reason: 'ConnectionFailed' });

  await shell(quoteWith('kubectl create configmap'), { 'your-ca.crt': tls.cert });
  const found: unknown = JSON.parse(await shell('kubectl get configmap kagent-ca-cert -o json'));
  const { folder } = mount(z.object({ data: z.record(z.string(), z.string()) }).parse(found).data);
  const caFile = readConfig({ INSTALLATION: 'p', KAGENT_CA_FILE: join(folder, 'ca.crt') }).KAGENT_CA_FILE ?? '';
  expect(readFileSync(caFile, 'utf8')).toBe(tls.cert);
  await call(followCa(caFile, { info: () => undefined, warn: () => undefined }));
  expect(kagent.runs).toHaveLength(1);
});
