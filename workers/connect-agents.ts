/**
 * The adapters to agents, with what they share: connections, the protocol of the endpoint, logs and metrics.
 *
 * Decides nothing.
 */
import type { Logger } from 'pino';
import { createApiLog, logLookUps } from '../activities/agents/api-log.ts';
import { createAgents } from '../activities/agents/auto/agents.ts';
import { createChooser } from '../activities/agents/auto/choose-protocol.ts';
import { createDirectories } from '../activities/agents/auto/directories.ts';
import type { ReadCredentials } from '../activities/agents/credentials.ts';
import type { AgentDirectory } from '../activities/agents/directory.ts';
import { createWire } from '../activities/agents/http/exchange.ts';
import type { AgentPort } from '../activities/agents/port.ts';
import type { WorkerConfig } from './config.ts';
import type { WorkerMetrics } from './serving/metrics.ts';

export interface AgentParts {
  readCredentials: ReadCredentials;
  /** PEM text of further authorities; asked for each call. */
  caPem: (() => string | undefined) | undefined;
  version: string;
  metrics: Pick<WorkerMetrics, 'calls'>;
  log: Logger;
}

export function connectAgents(
  config: WorkerConfig,
  parts: AgentParts,
): { agent: AgentPort; directory: AgentDirectory } {
  const { readCredentials, caPem, version, metrics, log } = parts;
  const connecting = {
    readCredentials,
    version,
    agentId: config.KAGENT_AGENT_ID,
    proxy: { httpProxy: config.HTTP_PROXY, httpsProxy: config.HTTPS_PROXY, noProxy: config.NO_PROXY },
    ...(caPem !== undefined && { caPem }),
  };
  const wire = createWire(connecting);
  const apiLog = log.child({ name: 'kagent-api' });
  const chooser = createChooser({
    wire,
    readCredentials,
    onDetected: ({ protocol, evidence }) => apiLog.info({ protocol, evidence }, 'the protocol of base-url was found'),
  });
  const observers = [metrics.calls, createApiLog(apiLog)];
  return {
    agent: createAgents({ ...connecting, wire, chooser, observers, uiUrl: config.KAGENT_UI_URL }),
    directory: logLookUps(createDirectories({ ...connecting, wire, chooser }), apiLog),
  };
}
