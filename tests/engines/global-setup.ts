/**
 * The real servers for integration, end-to-end and fault tests: one Temporal, and a cluster for each worker of vitest.
 *
 * Called by vitest once for each project that names it; the servers start with the first and end with the last.
 * Tests read where they are with `inject('temporalAddress')`, and which cluster is theirs in `of-worker.ts`.
 */
import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';
import { resolveEngine, resolveEngines } from '../../deploy/local/engines/resolve-engine.ts';
import { plainProgress } from '../../deploy/local/progress.ts';
import { openRun, type Run } from '../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { startCluster } from '../../deploy/local/start-cluster.ts';
import { startTemporal } from '../../deploy/local/start-temporal.ts';
import type { EngineName } from '../../deploy/local/versions.ts';
import { buildProduct } from './build-product.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of the Temporal server, namespace `default`, our search attributes registered. */
    temporalAddress: string;
    temporalUiUrl: string;
    /** Of one cluster for each worker, see `of-worker.ts`. */
    kubeconfigPaths: string[];
    /** Watcher, worker and codec server as they are released. */
    productFolder: string;
    /** Paths of all engines, for tests that start servers of their own. */
    enginePaths: Record<EngineName, string>;
  }
}

interface SharedEngines {
  users: number;
  run: Promise<Run>;
  places: Promise<ProvidedContext>;
}

declare global {
  /** Each project evaluates this file anew; only the global object is theirs together. */
  var kagentHooksEngines: SharedEngines | undefined;
}

export default async function provideEngines(project: TestProject): Promise<() => Promise<void>> {
  globalThis.kagentHooksEngines ??= start(clustersFor(project));
  const shared = globalThis.kagentHooksEngines;
  shared.users += 1;
  const leave = async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    globalThis.kagentHooksEngines = undefined;
    await (await shared.run).close();
  };
  try {
    const places = await shared.places;
    project.provide('temporalAddress', places.temporalAddress);
    project.provide('temporalUiUrl', places.temporalUiUrl);
    project.provide('kubeconfigPaths', places.kubeconfigPaths);
    project.provide('productFolder', places.productFolder);
    project.provide('enginePaths', places.enginePaths);
    return leave;
  } catch (error) {
    await leave();
    throw error;
  }
}

/** As many as any project may have workers; whoever runs one file need not wait for more than one. */
function clustersFor({ vitest }: TestProject): number {
  const workers = Math.max(...vitest.projects.map(({ config }) => config.maxWorkers));
  return Math.min(vitest.state.getPaths().length, workers);
}

function start(clusters: number): SharedEngines {
  const settings = readSettings();
  const run = openRun(settings);
  return { users: 0, run, places: run.then(async (opened) => startServers(opened, settings, clusters)) };
}

// The Node of the tests' Pods has no kubelet; declared unready a minute later, it would be one more incident for some.
const controllerManagerFlags = ['--node-startup-grace-period=24h'];

async function startServers(
  run: Run,
  settings: ReturnType<typeof readSettings>,
  clusters: number,
): Promise<ProvidedContext> {
  const progress = plainProgress((line) => process.stderr.write(line));
  const startedAt = Date.now();
  const resolving = { settings, progress, reaper: run.reaper };
  const enginePaths = { ...(await resolveEngines(resolving)), helm: await resolveEngine('helm', resolving) };
  const startOne = () => startCluster({ run, paths: enginePaths, unsafeNoFsync: true, controllerManagerFlags });
  const [temporal, productFolder, ...started] = await Promise.all([
    startTemporal({ run, path: enginePaths.temporal }),
    buildProduct(run.folder),
    ...Array.from({ length: clusters }, startOne),
  ]);
  progress.done(`Temporal and Kubernetes are up after ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`);
  return {
    temporalAddress: temporal.address,
    temporalUiUrl: temporal.uiUrl,
    kubeconfigPaths: started.map(({ kubeconfigPath }) => kubeconfigPath),
    productFolder,
    enginePaths,
  };
}
