/**
 * The words after `npm run replay --` → what is to be replayed. Pure.
 *
 * Called by main.
 */
import { parseArgs } from 'node:util';
import { UsageError } from './exit-codes.ts';

export const usage = `Usage: npm run --silent replay -- [--address HOST:PORT] [--namespace NAME] [--run-id RUN] [--json] ID|FILE…

Replays executions on the code as it is, and says at which event they would differ. Changes nothing.
FILE is a history as temporal workflow show --output json prints it and the Web UI downloads it. What is no file is the id
of an execution: its newest run, or RUN, with every run that it continues or that continues it. Temporal is found by
Temporal's own variables (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …); the options go before them. What is encrypted is
read with the keys in CODEC_KEY_DIR.
Ends with 0 if all replay, 1 if some differ, 64 for wrong options, 65 for a history that cannot be read or is of another
workflow type, 69 if Temporal cannot be asked or has no such execution; with the highest of those that apply.
`;

export interface Arguments {
  sources: string[];
  address: string | undefined;
  namespace: string | undefined;
  runId: string | undefined;
  json: boolean;
  help: boolean;
}

/** Throws a UsageError. */
export function readArguments(words: string[]): Arguments {
  const { values, positionals } = parse(words);
  const { address, namespace, 'run-id': runId, json, help } = values;
  if (help) return { sources: positionals, address, namespace, runId, json, help };
  if (positionals.length === 0) throw new UsageError('Nothing to replay is named; wanted an ID or a FILE.');
  for (const [name, value] of Object.entries(values)) {
    if (value === '') throw new UsageError(`--${name} is empty.`);
  }
  if (positionals.includes('')) throw new UsageError('One of the names is empty; wanted an ID or a FILE.');
  if (runId !== undefined) checkRunId(runId, positionals.length);
  return { sources: positionals, address, namespace, runId, json, help };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        address: { type: 'string' },
        namespace: { type: 'string' },
        'run-id': { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function checkRunId(runId: string, sources: number): void {
  if (sources > 1) throw new UsageError(`--run-id goes with one ID; ${sources} names were given.`);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(runId)) {
    throw new UsageError(`--run-id is "${runId}"; wanted a run id such as 01a20780-fc25-786e-be32-8eec3a423e48.`);
  }
}
