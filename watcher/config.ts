/**
 * The watcher's settings: environment → typed config, or one error that lists every problem.
 *
 * The only file of the watcher that reads the environment. Temporal's own variables are read by Temporal's own loader.
 */
import { z } from 'zod';
import { readEnvironment } from '../runtime/read-environment.ts';
import {
  Duration,
  Flag,
  healthPort,
  httpAddress,
  installation,
  KeyFolder,
  LogLevel,
  Words,
} from '../runtime/settings.ts';
import { writeDuration } from '../workflows/contract/plain/duration.ts';
import { longestWaitMs } from '../workflows/contract/plain/names.ts';
import { usualFloors } from './hooks/configuration/floors.ts';

const Wait = Duration.refine((ms) => ms <= longestWaitMs, `expected at most ${writeDuration(longestWaitMs)}`);

const positive = (duration: string) => Wait.refine((ms) => ms > 0, 'expected more than 0').prefault(duration);

export const WatcherEnvironment = z.object({
  INSTALLATION: installation('worker'),
  NAMESPACE: z
    .string()
    .min(1)
    .default('kagent-system')
    .describe('Namespace of the controller; its Lease with the checkpoint lives there.'),
  KUBECONFIG_CONTEXT: z
    .string()
    .optional()
    .describe('Context of the kube config to use outside a cluster; never the current one by itself.'),
  KUBERNETES_SERVICE_HOST: z
    .string()
    .optional()
    .describe('Set by Kubernetes inside a cluster: then the ServiceAccount of the Pod is used.'),
  CLUSTER_NAME: z
    .string()
    .max(253)
    .optional()
    .describe('Name of the cluster as prompts have it; left out where unset.'),
  WATCH_NAMESPACES: Words.prefault('')
    .pipe(
      z
        .array(z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'expected names of namespaces'))
        .max(50, 'expected at most 50; leave it out to watch all'),
    )
    .transform((names) => (names.length === 0 ? undefined : [...new Set(names)]))
    .describe(
      'Namespaces to watch, separated by commas, at most 50; then Hooks elsewhere are not seen, and Nodes are not watched. All by default.',
    ),
  WIDE_HOOK_NAMESPACES: Words.prefault('').describe(
    'Namespaces whose Hooks may look at other namespaces (match.namespaces) and at Nodes, separated by commas. Hooks in NAMESPACE see Nodes in any case.',
  ),
  AGENTS_ALLOW: Words.prefault('*/*')
    .pipe(
      z.array(z.string().regex(/^[^/]+\/[^/]+$/, 'expected agents as NAMESPACE/NAME, with * where any will do')).min(1),
    )
    .describe('Agents that Hooks may name, as NAMESPACE/NAME with * and ?, separated by commas. All by default.'),
  POD_PENDING_AFTER: positive('5m').describe(
    'How long a Pod must be Pending before it is an incident, where the Hook does not say.',
  ),
  PROBE_FAILED_AFTER: positive('30s').describe(
    'How long a container must be unready before it is an incident, besides what its probes declare, where the Hook does not say.',
  ),
  QUIET_WINDOW: positive('10m').describe('An incident is over when nothing was seen of it for so long.'),
  MIN_QUIET_WINDOW: positive(writeDuration(usualFloors.quietWindow)).describe(
    'The least quietWindow of a Hook; one that wants less gets this, and says so.',
  ),
  MIN_REPEAT_AFTER: positive(writeDuration(usualFloors.repeatAfter)).describe(
    'The least repeatAfter of a Hook; one that wants less gets this, and says so.',
  ),
  MIN_AFTER: positive(writeDuration(usualFloors.after)).describe(
    'The least after of a Hook; one that wants less gets this, and says so.',
  ),
  REDELIVERY_FIRST: positive('1m').describe(
    'After an outage of the agent: the first pause before the next delivery; doubles each time.',
  ),
  REDELIVERY_MAX: positive('15m').describe('The longest pause between deliveries.'),
  REDELIVERY_LIMIT: Wait.prefault('24h').describe(
    'For how long an incident is delivered again; 0s never delivers again.',
  ),
  RUN_TIMEOUT: positive('30m').describe(
    'How long an agent run may take, where the Hook does not say; then it is cancelled.',
  ),
  SIGNAL_EVERY: positive('10s').describe(
    'Further occurrences of an incident join it at most once in so long, together.',
  ),
  STATUS_EVERY: positive('2s').describe('The status of a Hook is written at most once in so long.'),
  RECONCILE_EVERY: positive('5m').describe('How often open executions are compared with the cluster.'),
  LEADER_ELECTION: Flag.describe(
    'Whether of several watchers only one works, and the others stand by. Only saves work: two are harmless.',
  ),
  POD_NAME: z
    .string()
    .default('')
    .describe('Name of this Pod, for the holder of the Lease; the host name where unset.'),
  HEALTH_PORT: healthPort('8082'),
  TEMPORAL_UI_URL: httpAddress("the address of Temporal's Web UI, such as https://temporal.example")
    .optional()
    .describe("Address of Temporal's Web UI; then each incident in the status of a Hook links to its execution."),
  AGENT_CHECK_EVERY: positive('5m').describe(
    'How often the agents that Hooks name are looked up in Kagent, 500 at a time and all in turn; at once when Hooks or credentials change.',
  ),
  CODEC_KEY_DIR: KeyFolder,
  LOG_LEVEL: LogLevel,
});
export type WatcherConfig = z.infer<typeof WatcherEnvironment>;

/** Who runs a command, as their shell has it. */
export function userName(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return environment['USER'] || undefined;
}

/**
 * Throws an Error whose message lists all problems, one a line, each with its variable and what was expected. What is set in
 * `over` goes before the environment.
 */
export function readConfig(
  environment: NodeJS.ProcessEnv = process.env,
  over: Partial<Record<keyof typeof WatcherEnvironment.shape, string | undefined>> = {},
): WatcherConfig {
  const expected = Object.entries(over).filter(([, value]) => value !== undefined);
  const all = { ...environment, ...Object.fromEntries(expected) };
  return readEnvironment(WatcherEnvironment, { environment: all, whose: 'the watcher' });
}
