/**
 * The worker's settings: environment → typed config, or one error that lists every problem.
 *
 * The only file of the worker that reads the environment. Temporal's own variables are read by Temporal's own loader; the
 * Secret's files are read by credentials.ts each time they are needed.
 */
import { z } from 'zod';
import { agentIdForms } from '../activities/agents/rest/agent-id.ts';
import { readEnvironment, withoutEmpty } from '../runtime/read-environment.ts';
import {
  Duration,
  Flag,
  healthPort,
  httpAddress,
  installation,
  KeyFolder,
  LogLevel,
  Text,
} from '../runtime/settings.ts';
import { protocols } from '../workflows/contract/agent-run.ts';

/** How Kagent is spoken to, as the Secret and the environment say it. */
export const protocolSettings = ['auto', ...protocols] as const;

/** Without a scheme it is an http proxy, as other programs take it. */
const ProxyAddress = z
  .string()
  .transform((text) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(text.trim()) ? text.trim() : `http://${text.trim()}`))
  .pipe(httpAddress('the address of an http proxy such as http://proxy:8080'));

export const WorkerEnvironment = z.object({
  INSTALLATION: installation('watcher'),
  KAGENT_SECRET_DIR: Text.describe(
    'Folder with the files api-key, base-url, protocol, user-id, headers, timeout, max-retries, as a Secret is mounted; none of them has to be there. Read anew for every call.',
  ),
  KAGENT_API_KEY: Text.describe('API key, where the folder has no file api-key.'),
  KAGENT_API_KEY_FILE: Text.describe(
    'File whose content is the bearer, such as a projected ServiceAccount token, where the folder has no file api-key. Goes before KAGENT_API_KEY; read anew for every call.',
  ),
  KAGENT_BASE_URL: Text.describe(
    'Base URL of Kagent, where the folder has no file base-url. Where neither says one and no API key is set: http://kagent-controller.kagent.svc:8083, a stock Kagent.',
  ),
  KAGENT_PROTOCOL: z
    .enum(protocolSettings)
    .default('auto')
    .describe(
      'How Kagent is spoken to, where the folder has no file protocol. auto: decided by what the endpoint answers; rest: POST /v1/agents/{agentId}/execute; kagent-0: Kagent 0.x, A2A 0.3; kagent-1: Kagent 1.x, A2A 1.0; a2a: any A2A 1.0 agent by its card, the base URL may hold {namespace} and {name}.',
    ),
  KAGENT_USER_ID: Text.describe(
    "Sent as X-User-Id by A2A, where the folder has no file user-id. None by default: then runs show in Kagent's UI.",
  ),
  KAGENT_HEADERS: Text.describe(
    'More headers for every call by A2A, a line each as Name: value, where the folder has no file headers.',
  ),
  KAGENT_UI_URL: httpAddress("the address of Kagent's UI, such as https://kagent.example")
    .optional()
    .describe("Address of Kagent's own UI; then each agent run of Kagent 0.x has a link."),
  KAGENT_TIMEOUT: Text.describe(
    'Time for one try, such as 30s, at most 9m, where the folder has no file timeout. Default 30s.',
  ),
  KAGENT_MAX_RETRIES: Text.describe(
    'Tries per delivery, 1 for a single one, where the folder has no file max-retries. Default 3.',
  ),
  KAGENT_CA_FILE: Text.describe(
    'PEM file with certificates to trust for Kagent, besides the well-known ones. Read anew for every call.',
  ),
  KAGENT_AGENT_ID: z
    .enum(agentIdForms)
    .default('name')
    .describe(
      'How agents are called in the path of the API: name, or namespace/name as one part of the path (kagent%2Fmemory-analyzer).',
    ),
  KAGENT_ALLOW_HTTP: Flag.describe(
    'Whether Kagent may be called by http, in the clear, wherever it is. Loopback addresses and Services of the cluster always may.',
  ),
  HTTPS_PROXY: ProxyAddress.optional().describe(
    'Proxy for calls to a Kagent with https, such as http://proxy:8080. Also in lower case. Temporal is called directly.',
  ),
  HTTP_PROXY: ProxyAddress.optional().describe(
    'Proxy for calls to a Kagent with http, and with https where HTTPS_PROXY is not set. Also in lower case.',
  ),
  NO_PROXY: Text.describe(
    'Hosts that are called without the proxy: names (with those below them), .suffixes, addresses, ranges such as 10.0.0.0/8, each with or without a port, or *. Also in lower case.',
  ),
  TEMPORAL_DEPLOYMENT_NAME: Text.describe(
    "Name of the Worker Deployment, for Temporal's Worker Versioning; with TEMPORAL_WORKER_BUILD_ID.",
  ),
  TEMPORAL_WORKER_BUILD_ID: Text.describe(
    'Version of this worker in that deployment; it takes work once that version is current there.',
  ),
  MAX_CONCURRENT_AGENT_CALLS: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, 'expected a whole number from 1 to 9999')
    .default('500')
    .transform(Number)
    .describe('Calls to agents that one worker makes at once; one namespace gets at most three quarters of them.'),
  MAX_CONCURRENT_AGENT_RUNS: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'expected a whole number from 1 to 99999')
    .default('1000')
    .transform(Number)
    .describe('Agent runs that one worker follows at once.'),
  SHUTDOWN_GRACE: Duration.prefault('30s').describe('How long running calls may go on after SIGTERM.'),
  HEALTH_PORT: healthPort('8081'),
  WATCHER_HEALTH_URL: httpAddress('the address of the health port of the watcher, such as http://watcher:8082')
    .optional()
    .describe('Health address of the watcher, such as http://watcher:8082; then /healthz of the worker covers both.'),
  CODEC_KEY_DIR: KeyFolder,
  LOG_LEVEL: LogLevel,
});
export type WorkerConfig = z.infer<typeof WorkerEnvironment>;

/** May hold a key or a password: not shown, not even when it is wrong. */
const secret = new Set(['KAGENT_API_KEY', 'KAGENT_BASE_URL', 'KAGENT_UI_URL', 'HTTPS_PROXY', 'HTTP_PROXY']);

/** For what needs the keys and nothing else of these settings. */
export function readKeyFolder(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return environment['CODEC_KEY_DIR'] || undefined;
}

/** Throws an Error whose message lists all problems, one a line, each with its variable and what was expected. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): WorkerConfig {
  const set = withoutEmpty(environment);
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY']) set[name] ??= set[name.toLowerCase()];
  const reading = { environment: set, whose: 'the worker', secret, moreProblems: halves(set) };
  return readEnvironment(WorkerEnvironment, reading);
}

/** Of two variables that mean nothing alone. */
function halves(set: Record<string, string | undefined>): string[] {
  const pair = ['TEMPORAL_DEPLOYMENT_NAME', 'TEMPORAL_WORKER_BUILD_ID'];
  const missing = pair.filter((name) => set[name] === undefined);
  return missing.length === 1 ? [`  ${missing[0]} is not set; expected both ${pair.join(' and ')}, or neither`] : [];
}
