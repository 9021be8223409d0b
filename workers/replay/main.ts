/**
 * Replays executions on the code as it is: `npm run --silent replay -- ID|FILE…`.
 *
 * Run by people, also in the worker's container. Needs no Kagent and none of the worker's settings but CODEC_KEY_DIR;
 * Temporal only for what is no file. Its answers are on stdout, everything else is on stderr.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleWorkflowCode, DefaultLogger, Runtime, type WorkflowBundleOption } from '@temporalio/worker';
import { openDataConverter } from '../../codec/data-converter.ts';
import { messageOf } from '../../runtime/message-of.ts';
import { readKeyFolder } from '../config.ts';
import { listRuns, queryOfId, type RecordedRun, readHistoryFile, UnavailableError } from './read-histories.ts';
import { type Replayed, type ReplayOptions, replayRun } from './replay-run.ts';

const usage = `Usage: npm run --silent replay -- [--address HOST:PORT] [--namespace NAME] [--query QUERY] [ID|FILE…]

Replays executions on the code as it is, and says at which event they would differ. Changes nothing.
FILE is a history as temporal workflow show --output json prints it and the Web UI downloads it. What is no file is the id
of an execution: all its runs are replayed, the newest first. QUERY is one of Temporal's, such as
"ExecutionStatus = 'Running'". Temporal is found by Temporal's own variables (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …); the
options go before them. What is encrypted is read with the keys in CODEC_KEY_DIR.
Ends with 0 if all replay, 1 if some differ, 64 for wrong options, 65 for a history that cannot be read or is of another
workflow type, 69 if Temporal cannot be asked or has no such execution; with the highest of those that apply.
`;

/** Those from 64 on are of sysexits. */
const exitCodes = { replays: 0, differs: 1, usage: 64, unreadable: 65, unavailable: 69 } as const;

const silent = new DefaultLogger('ERROR', () => undefined);

type Expected = ReturnType<typeof readArguments>;

function readArguments(args: string[]) {
  const text = { type: 'string' } as const;
  const options = { address: text, namespace: text, query: text, help: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  if (values.help === true) {
    process.stdout.write(usage);
    process.exit(exitCodes.replays);
  }
  const { query, address, namespace } = values;
  if ([...positionals, query, address, namespace].includes('')) throw new Error('An option or a name is empty.');
  if (positionals.length === 0 && query === undefined)
    throw new Error('Nothing to replay is named; expected an ID, a FILE or --query.');
  const ids = positionals.filter((name) => !existsSync(name));
  /** By what people call them. */
  const queries = new Map(ids.map((id) => [id, queryOfId(id)]));
  if (query !== undefined) queries.set(`"${query}"`, query);
  return { files: positionals.filter((name) => existsSync(name)), queries, address, namespace };
}

async function replayAll({ files, queries, ...place }: Expected): Promise<number> {
  Runtime.install({
    logger: silent, // the SDK logs every difference too, in words that nobody can read
    shutdownSignals: [], // Ctrl-C ends the process at once
    telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  });
  const log = { info: () => undefined, warn: console.error };
  const codec = openDataConverter(readKeyFolder(), log)?.payloadCodecs?.[0];
  const options = { workflowBundle: await makeBundle(), codec };
  let worst = 0;
  const take = (code: number) => void (worst = Math.max(worst, code));
  for (const file of files) take(await replayOne(async () => readHistoryFile(file), options));
  for (const [what, query] of queries) {
    try {
      for await (const run of listRuns(place, { what, query })) take(await replayOne(async () => run, options));
    } catch (error) {
      take(fail(error));
    }
  }
  return worst;
}

async function replayOne(read: () => Promise<RecordedRun>, options: ReplayOptions): Promise<number> {
  try {
    const run = await read();
    const replayed = await replayRun(run, options);
    console.log(`${run.source}: ${wordsOf(replayed)}`);
    return replayed.differs === undefined ? exitCodes.replays : exitCodes.differs;
  } catch (error) {
    return fail(error); // the others are replayed nonetheless
  }
}

function wordsOf({ events, differs }: Replayed): string {
  if (differs !== undefined)
    return `differs at event ${differs.eventId} of ${events.length}, ${events[differs.eventId - 1]}: ${differs.detail}`;
  return `replays: ${events.length} events, the newest is ${events.at(-1)}`;
}

/** Compiled code brings its bundle along; in development it is made. */
async function makeBundle(): Promise<WorkflowBundleOption> {
  const codePath = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));
  if (existsSync(codePath)) return { codePath };
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  return bundleWorkflowCode({ workflowsPath, logger: silent });
}

function fail(error: unknown): number {
  console.error(messageOf(error));
  return error instanceof UnavailableError ? exitCodes.unavailable : exitCodes.unreadable;
}

function readArgumentsOrExit(): Expected {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${usage}`);
    process.exit(exitCodes.usage);
  }
}

// The SDK's threads would keep the process where one of them has died.
process.exit(await replayAll(readArgumentsOrExit()).catch(fail));
