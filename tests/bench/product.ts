/**
 * The product under load: a Pod's status shows an OOM kill, and the agent receives the request about it.
 *
 * Watcher and worker are compiled processes on real servers; the agent answers at once unless `agentDelayMs` is set.
 */
import { oomKilled, running } from '../e2e/cluster-actions.ts';
import type { Contestant } from './contestant.ts';
import type { Lab } from './lab.ts';
import { startAgentServer } from './start-agent-server.ts';

/** Pods that are made at once; more only wait in the API server. */
const atOnce = 20;

export interface ProductOptions {
  /** For how long each call to the agent takes. */
  agentDelayMs?: number;
  worker?: Record<string, string>;
  watcher?: Record<string, string>;
}

export async function startProductIn(
  lab: Lab,
  { agentDelayMs = 0, worker = {}, watcher = {} }: ProductOptions = {},
): Promise<Contestant> {
  const agent = await startAgentServer({ delayMs: agentDelayMs });
  const environment = { KAGENT_BASE_URL: agent.url, KAGENT_API_KEY: 'bench', KAGENT_PROTOCOL: 'rest', ...worker };
  const [workerServer, watcherServer] = await Promise.all([lab.startWorker(environment), lab.startWatcher(watcher)]);
  await lab.actions.createHook(lab.installation, 'memory', [
    { eventType: 'oom-kill', agentRef: { name: 'memory-analyzer' }, prompt: '{{.ResourceName}}: {{.EventMessage}}' },
  ]);
  return {
    name: 'product',
    processes: { watcher: watcherServer.pid, worker: workerServer.pid },
    prepare: (names) => preparePods(lab, names),
    fire: (name) =>
      lab.actions.setStatus(
        lab.installation,
        name,
        oomKilled({ killed: `${name}-0`, now: `${name}-1`, restartCount: 1 }),
      ),
    receipts: agent.receipts,
    stop: async () => {
      await Promise.all([workerServer.stop(), watcherServer.stop()]);
      agent.stop();
    },
  };
}

/** Pods that run well. */
export async function preparePods({ actions, installation }: Lab, names: readonly string[]): Promise<void> {
  for (let n = 0; n < names.length; n += atOnce) {
    await Promise.all(
      names.slice(n, n + atOnce).map(async (name) => {
        await actions.createPod(installation, name);
        await actions.setStatus(installation, name, running());
      }),
    );
  }
}
