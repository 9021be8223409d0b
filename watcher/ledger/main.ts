/**
 * `npm run ledger`: are all occurrences accounted for?
 *
 * Reads the Lease and Temporal, with the watcher's own settings; changes nothing. Ends with 0 when the difference is zero and
 * nothing was lost, 1 when not, 69 where there is no ledger, 78 with wrong settings.
 */
import { parseArgs } from 'node:util';
import pino from 'pino';
import { openDataConverter } from '../../codec/data-converter.ts';
import { messageOf } from '../../runtime/message-of.ts';
import { configExitCode } from '../../runtime/read-environment.ts';
import { readConfig, type WatcherConfig } from '../config.ts';
import { connectTemporal } from '../executions/connect-temporal.ts';
import { connectApiServer } from '../kube/api-server.ts';
import { loadKubeConfig } from '../kube/kube-config.ts';
import { leasePlaceOf } from '../leading/lease.ts';
import { isBalanced, type LedgerReport, linesOf } from './print.ts';
import { readLedger } from './read-ledger.ts';

const unavailable = 69;
/** For Temporal to answer. */
const waitMs = 30_000;

const usage = `npm run --silent ledger -- [--installation NAME] [--namespace NAMESPACE] [--context NAME] [--json]

Shows how many occurrences were seen and how each has ended, and compares that with what Temporal's executions
remember. Settings are the watcher's; the options go before INSTALLATION, NAMESPACE and KUBECONFIG_CONTEXT.`;

const options = {
  installation: { type: 'string' },
  namespace: { type: 'string' },
  context: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

async function main(): Promise<number> {
  const { installation, namespace, context, json, help } = parseArgs({ options }).values;
  if (help === true) {
    console.log(usage);
    return 0;
  }
  const over = { INSTALLATION: installation, NAMESPACE: namespace, KUBECONFIG_CONTEXT: context };
  const report = await read(readConfig(undefined, over));
  if (report === undefined) return unavailable;
  console.log(json === true ? JSON.stringify({ ...report, balanced: isBalanced(report) }) : linesOf(report).join('\n'));
  return isBalanced(report) ? 0 : 1;
}

/** Undefined, with a line about it, where there is no ledger. */
async function read(config: WatcherConfig): Promise<LedgerReport | undefined> {
  const log = pino({ level: 'warn', base: { process: 'ledger' } }, pino.destination(2));
  const dataConverter = openDataConverter(config.CODEC_KEY_DIR, log);
  const isInCluster = config.KUBERNETES_SERVICE_HOST !== undefined;
  const kube = loadKubeConfig({ isInCluster, context: config.KUBECONFIG_CONTEXT });
  const api = connectApiServer(kube, 'kagent-hook-controller/ledger');
  const client = await connectTemporal(log, AbortSignal.timeout(waitMs), dataConverter);
  try {
    const lease = { api, ...leasePlaceOf(config) };
    const report = await readLedger(client, lease, config.INSTALLATION);
    if (report === undefined) console.error(`Lease ${lease.namespace}/${lease.name} holds no ledger of any watcher.`);
    return report;
  } finally {
    await client.connection.close();
    api.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = configExitCode;
}
