/**
 * Temporal for the demo: our own, or the one that TEMPORAL_ADDRESS names.
 *
 * Of a Temporal of the user's only our own executions are touched: those still open are terminated at the end, because nobody
 * would work on them any more.
 */
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { createExecutionList } from '../../../../watcher/executions/list-executions.ts';
import { temporalChannel } from '../../../../workflows/contract/temporal-channel.ts';
import { resolveEngine } from '../../engines/resolve-engine.ts';
import type { Progress } from '../../progress.ts';
import type { Server } from '../../servers/start-server.ts';
import { pickVariables } from '../../settings.ts';
import { startTemporal } from '../../start-temporal.ts';
import { checkTemporal } from './check-temporal.ts';
import type { CleanUp, Opening } from './system.ts';

export interface OpenedTemporal {
  client: Client;
  uiUrl: string;
  /** Settings of watcher and worker. */
  environment: Record<string, string>;
  servers: Server[];
  isOwn: boolean;
}

export async function openTemporal(opening: Opening, progress: Progress): Promise<OpenedTemporal> {
  const { temporalAddress } = opening.options;
  if (temporalAddress !== undefined) return useTheirs(opening, temporalAddress, progress);
  const { settings, run } = opening;
  const path = await resolveEngine('temporal', { settings, progress, reaper: run.reaper });
  const temporal = await startTemporal({ run, path });
  const connection = await Connection.connect({ address: temporal.address, channelArgs: temporalChannel });
  progress.done(`Temporal answers at ${temporal.address}, its Web UI at ${temporal.uiUrl}`);
  return {
    client: new Client({ connection }),
    uiUrl: temporal.uiUrl,
    // A configuration file of the user's names another server.
    environment: { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_CONFIG_FILE: join(run.folder, 'no-temporal.toml') },
    servers: [temporal],
    isOwn: true,
  };
}

/** Where Temporal's own loader looks for its settings. */
const loaderVariable = /^(TEMPORAL_.*|HOME|XDG_CONFIG_HOME)$/;

async function useTheirs({ options, settings }: Opening, address: string, progress: Progress): Promise<OpenedTemporal> {
  const environment = pickVariables(settings, (name) => loaderVariable.test(name));
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: environment });
  const connection = Connection.lazy({ ...connectionOptions, channelArgs: temporalChannel });
  const client = new Client({ connection, ...(namespace !== undefined && { namespace }) });
  await checkTemporal(client, address);
  progress.done(`Temporal at ${address} is used, namespace ${client.options.namespace}`);
  const uiUrl = options.temporalUiUrl ?? `http://${address.split(':')[0]}:8233`;
  return { client, uiUrl: uiUrl.replace(/\/$/, ''), environment, servers: [], isOwn: false };
}

/** Ends what would stay open for ever in a Temporal of the user's. */
export function terminateOpen(client: Client, installation: string): CleanUp {
  // Every workflow id of an installation begins with its name.
  const query = `WorkflowId STARTS_WITH '${installation}/' AND ExecutionStatus='Running'`;
  return {
    byHand: `temporal workflow terminate --namespace ${client.options.namespace} --query "${query}"`,
    run: async () => {
      const open: { workflowId: string; runId: string }[] = [];
      // To be ended, an execution need not be readable.
      const list = createExecutionList(client, { onUnreadable: (left) => open.push(left) });
      for await (const execution of list(query)) open.push(execution);
      for (const { workflowId, runId } of open) {
        await client.workflow.getHandle(workflowId, runId).terminate('npm start has ended');
      }
      return `Temporal keeps the executions of installation ${installation}; ${open.length} that were open were terminated.`;
    },
  };
}
