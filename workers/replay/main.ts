/**
 * `npm run --silent replay -- ID|FILE…`: would executions go on, on the code as it is?
 *
 * Run by people, also in the worker's container. Only puts the parts together. Needs no Kagent and none of the worker's
 * settings but CODEC_KEY_DIR; Temporal only for what is no file. Its answers are on stdout, everything else is on stderr.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, Runtime, type WorkflowBundleOption } from '@temporalio/worker';
import { openDataConverter } from '../../codec/data-converter.ts';
import { readKeyFolder } from '../config.ts';
import { decryptRun } from './decrypt-run.ts';
import { exitCodeOf, exitCodes, UsageError } from './exit-codes.ts';
import { openTemporal, type TemporalRuns } from './fetch-runs.ts';
import type { RecordedRun } from './history.ts';
import { printJson, printText } from './print.ts';
import { type Arguments, readArguments, usage } from './read-arguments.ts';
import { readHistoryFile } from './read-history-file.ts';
import { replayRun } from './replay-run.ts';

const silent = new DefaultLogger('ERROR', () => undefined);
const warn = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(given: Arguments): Promise<number> {
  if (given.help) {
    process.stdout.write(usage);
    return exitCodes.replays;
  }
  checkRunIdIsOfAnId(given);
  installSilentRuntime();
  const dataConverter = openDataConverter(readKeyFolder(), { info: () => undefined, warn });
  const temporal = once(() => openTemporal({ ...given, warn, dataConverter }));
  const bundle = once(makeBundle);
  let worst: number = exitCodes.replays;
  for (const source of given.sources) {
    const take = (code: number) => (worst = Math.max(worst, code));
    try {
      for await (const run of runsOf(source, given, temporal)) take(await tell(run, given, { bundle, dataConverter }));
    } catch (error) {
      take(fail(error));
    }
  }
  if (temporal.wasCalled()) await temporal().close();
  return worst;
}

async function tell(
  run: RecordedRun,
  { json }: Arguments,
  { bundle, dataConverter }: { bundle: () => Promise<WorkflowBundleOption>; dataConverter: DataConverter | undefined },
): Promise<number> {
  try {
    const [codec] = dataConverter?.payloadCodecs ?? [];
    const verdict = await replayRun(codec === undefined ? run : await decryptRun(run, codec), bundle);
    process.stdout.write(`${json ? printJson(verdict) : printText(verdict)}\n`);
    return verdict.differs === undefined ? exitCodes.replays : exitCodes.differs;
  } catch (error) {
    return fail(error); // the other runs of a chain are told nonetheless
  }
}

async function* runsOf(
  source: string,
  { runId }: Arguments,
  temporal: () => TemporalRuns,
): AsyncGenerator<RecordedRun> {
  if (existsSync(source)) yield readHistoryFile(source);
  else yield* temporal().fetch(source, runId);
}

function checkRunIdIsOfAnId({ runId, sources }: Arguments): void {
  const file = sources.find((source) => existsSync(source));
  if (runId === undefined || file === undefined) return;
  throw new UsageError(`--run-id goes with the ID of an execution; ${file} is a file.`);
}

/** Compiled code brings its bundle along; in development it is made. */
async function makeBundle(): Promise<WorkflowBundleOption> {
  const codePath = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));
  if (existsSync(codePath)) return { codePath };
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  return bundleWorkflowCode({ workflowsPath, logger: silent });
}

/** The SDK tells every difference too, in words that nobody can read; and Ctrl-C is to end the process at once. */
function installSilentRuntime(): void {
  Runtime.install({
    logger: silent,
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  });
}

function once<T>(make: () => T): { (): T; wasCalled: () => boolean } {
  let made: { value: T } | undefined;
  const get = () => {
    made ??= { value: make() };
    return made.value;
  };
  return Object.assign(get, { wasCalled: () => made !== undefined });
}

function fail(error: unknown): number {
  warn(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError) warn(`\n${usage}`);
  return exitCodeOf(error);
}

async function run(): Promise<number> {
  try {
    return await main(readArguments(process.argv.slice(2)));
  } catch (error) {
    return fail(error);
  }
}

// The SDK's threads would keep the process where one of them has died.
process.exit(await run());
