/**
 * Checks a Temporal of the user's before anything is built on it: does it answer, has it the namespace, does it know
 * our search attributes?
 *
 * Asks by queries, which every kind of server allows; creates nothing there.
 */
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { missingAttributes, registerCommand } from '../../../../workflows/contract/search-attributes.ts';

const patienceMs = 5_000;
/** Deadline exceeded, unavailable: whether nobody listens or somebody else does, nobody speaks Temporal there. */
const grpcSilences = [4, 14];

/** Rejects with what the user has to do. */
export async function checkTemporal(client: Client, address: string): Promise<void> {
  const { namespace } = client.options;
  const soon = <T>(ask: () => Promise<T>) => client.connection.withDeadline(Date.now() + patienceMs, ask);
  await soon(() => client.workflowService.describeNamespace({ namespace })).catch((cause: unknown) => {
    throw new Error(
      `TEMPORAL_ADDRESS is ${address}, where namespace ${namespace} could not be looked at: ${wordsOf(cause)}`,
      { cause },
    );
  });
  const count = (query: string) => soon(() => client.workflowService.countWorkflowExecutions({ namespace, query }));
  const missing = await missingAttributes(count).catch((cause: unknown) => {
    throw new Error(`Temporal at ${address}: ${wordsOf(cause)}`, { cause });
  });
  if (missing.length === 0) return;
  const commands = missing.map((name) => `  ${registerCommand(name, `--address ${address} --namespace ${namespace}`)}`);
  throw new Error(
    `Temporal at ${address} lacks search attributes in namespace ${namespace}. To register them:\n${commands.join('\n')}`,
  );
}

/** gRPC's own words for what went wrong are in the details. */
function wordsOf(error: unknown): string {
  if (isGrpcServiceError(error) && grpcSilences.includes(Number(error.code))) {
    return `no Temporal answered within ${patienceMs / 1000} s.`;
  }
  if (isGrpcServiceError(error) && error.details !== '') return error.details;
  return error instanceof Error ? error.message : String(error);
}
