/**
 * The cluster of the demo: a control plane of our own, or the cluster of the context that the user named.
 *
 * Without a named context no kube config of the user's is read. In a cluster of the user's it makes the CRD where there is
 * none, and nothing else; the watcher keeps its Lease there, which is removed at the end.
 */
import { readFile } from 'node:fs/promises';
import { resolveEngine, resolveEngines } from '../../engines/resolve-engine.ts';
import type { Progress } from '../../progress.ts';
import type { Server } from '../../servers/start-server.ts';
import { pickVariables } from '../../settings.ts';
import { startCluster } from '../../start-cluster.ts';
import { untilEstablished } from '../../until-established.ts';
import { demoNamespace } from '../incidents/make-trouble.ts';
import { type Kubectl, kubectlFor } from './kubectl.ts';
import type { CleanUp, Opening } from './system.ts';

export interface OpenedCluster {
  kubectl: Kubectl;
  /** The same, but not ended by a stop: for what is left to do after it. */
  lastKubectl: Kubectl;
  /** How a user calls kubectl for this cluster. */
  command: string;
  /** Settings of the watcher. */
  environment: Record<string, string>;
  servers: Server[];
  isOwn: boolean;
}

/** Where the watcher keeps its Lease in a cluster of the user's: a namespace that every cluster has. */
const leaseNamespace = 'default';

export async function openCluster(opening: Opening, progress: Progress): Promise<OpenedCluster> {
  const { context } = opening.options;
  return context === undefined ? startOurs(opening, progress) : useTheirs(opening, context, progress);
}

async function startOurs({ settings, run, signal }: Opening, progress: Progress): Promise<OpenedCluster> {
  const paths = await resolveEngines({ settings, progress, reaper: run.reaper });
  const cluster = await startCluster({ run, paths, unsafeNoFsync: true });
  const { kubeconfigPath, etcd, apiserver, scheduler, controllerManager } = cluster;
  const kubectl = kubectlFor({ path: paths.kubectl, kubeconfigPath, environment: { ...run.environment }, signal });
  const environment = {
    KUBECONFIG: kubeconfigPath,
    KUBECONFIG_CONTEXT: (await kubectl(['config', 'current-context'])).trim(),
    NAMESPACE: demoNamespace,
    CLUSTER_NAME: 'demo-cluster',
    // Short waits, so that the story can be watched; the defaults are for production.
    POD_PENDING_AFTER: '2s',
    QUIET_WINDOW: '30s',
    MIN_REPEAT_AFTER: '1s',
    SIGNAL_EVERY: '1s',
    STATUS_EVERY: '1s',
  };
  progress.done(`Kubernetes answers at ${cluster.server}`);
  return {
    kubectl,
    lastKubectl: kubectl,
    command: `${paths.kubectl} --kubeconfig=${kubeconfigPath}`,
    environment,
    servers: [etcd, apiserver, scheduler, controllerManager].filter((server) => server !== undefined),
    isOwn: true,
  };
}

async function useTheirs(opening: Opening, context: string, progress: Progress): Promise<OpenedCluster> {
  const { settings, run, signal } = opening;
  const path = await resolveEngine('kubectl', { settings, progress, reaper: run.reaper });
  const place = { path, context, environment: { ...settings.environment } };
  const kubectl = kubectlFor({ ...place, signal });
  await kubectl(['get', '--raw=/version', '--request-timeout=10s']);
  progress.done(`The cluster of context ${context} answers`);
  // A plugin that logs in to the cluster may need any variable of the user's; settings of our processes are left out.
  const environment = pickVariables(settings, (name) => !/^(TEMPORAL_|KAGENT_|LOG_LEVEL$)/.test(name));
  return {
    kubectl,
    lastKubectl: kubectlFor(place),
    command: `kubectl --context=${context}`,
    environment: { ...environment, KUBECONFIG_CONTEXT: context, NAMESPACE: leaseNamespace },
    servers: [],
    isOwn: false,
  };
}

/** An existing CRD is left alone, whoever made it. */
export async function applyCrd(opening: Opening, { kubectl, command, isOwn }: OpenedCluster): Promise<string> {
  const existing = await kubectl(['get', 'crd', 'hooks.kagent.dev', '--ignore-not-found', '-o', 'name']);
  if (existing.trim() !== '') return 'The CRD hooks.kagent.dev is there already and is left alone';
  const manifest = await readFile(new URL('../../../crd/hooks.kagent.dev.yaml', import.meta.url), 'utf8');
  if (!isOwn) opening.cleanUps.push(crdStays(command));
  await kubectl(['create', '-f', '-'], manifest);
  await untilEstablished(kubectl, { signal: opening.signal });
  return 'The CRD hooks.kagent.dev was made';
}

/** Somebody may have made Hooks by now, and they would go with it. */
function crdStays(command: string): CleanUp {
  const byHand = `${command} delete crd hooks.kagent.dev`;
  const text = `The CRD hooks.kagent.dev, which was made here, stays; "${byHand}" removes it and every Hook.`;
  return { byHand, run: () => Promise.resolve(text) };
}

export async function applyExamples(kubectl: Kubectl): Promise<void> {
  await kubectl(['create', 'namespace', demoNamespace]);
  for (const name of ['crashes.yaml', 'not-running.yaml']) {
    await kubectl(['apply', '-f', '-'], await readFile(new URL(`../../../examples/${name}`, import.meta.url), 'utf8'));
  }
}

/** The Lease of our watcher, by the name that only this run has. */
export function removeLease({ lastKubectl, command }: OpenedCluster, installation: string): CleanUp {
  const lease = `kagent-hooks-${installation}`;
  const args = ['delete', 'lease', lease, '-n', leaseNamespace, '--ignore-not-found'];
  return {
    byHand: `${command} ${args.join(' ')}`,
    run: async () => {
      await lastKubectl([...args, '--request-timeout=5s']);
      return `The Lease ${lease} was removed from namespace ${leaseNamespace}.`;
    },
  };
}
