/**
 * Kagent for the demo: a stand-in that we start, or the one that KAGENT_BASE_URL names.
 *
 * Sends nothing to a Kagent of the user's; only the worker does.
 */
import { randomBytes } from 'node:crypto';
import type { Progress } from '../../progress.ts';
import type { Server } from '../../servers/start-server.ts';
import { pickVariables } from '../../settings.ts';
import { a2aRelease, startA2aStandIn, startRestStandIn } from '../../start-product.ts';
import type { Opening, StandIn } from './system.ts';

export interface OpenedKagent {
  /** Undefined where Kagent is the user's. */
  standIn: StandIn | undefined;
  /** Settings of the worker. */
  environment: Record<string, string>;
  servers: Server[];
}

/** Those of the worker's settings that belong to a Kagent. */
const kagentVariable =
  /^KAGENT_(API_KEY|PROTOCOL|USER_ID|HEADERS|UI_URL|AGENT_ID|TIMEOUT|MAX_RETRIES|CA_FILE|ALLOW_HTTP)$/;
const proxyVariable = /^(https?|no)_proxy$/i;

export async function openKagent({ options, settings, run }: Opening, progress: Progress): Promise<OpenedKagent> {
  const { kagentBaseUrl, protocol } = options;
  if (kagentBaseUrl !== undefined) {
    progress.done(`Kagent at ${kagentBaseUrl} will be asked`);
    const own = pickVariables(settings, (name) => kagentVariable.test(name) || proxyVariable.test(name));
    return { standIn: undefined, environment: { ...own, KAGENT_BASE_URL: kagentBaseUrl }, servers: [] };
  }
  const apiKey = randomBytes(12).toString('hex');
  const isRest = protocol === 'rest';
  const server = await (isRest
    ? startRestStandIn(run, apiKey)
    : startA2aStandIn(run, apiKey, { asksForChanges: true }));
  const { url } = server;
  progress.done(
    isRest
      ? `A stand-in for Kagent answers at ${url}, by the REST API`
      : `A stand-in for Kagent ${a2aRelease} answers at ${url}, by A2A; no model, its agents answer from a list`,
  );
  return {
    standIn: { url, protocol },
    // The worker finds out the protocol by itself.
    environment: { KAGENT_API_KEY: apiKey, KAGENT_BASE_URL: url },
    servers: [server],
  };
}
