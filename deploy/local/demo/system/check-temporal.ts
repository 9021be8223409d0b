/**
 * Checks a Temporal of the user's before anything is built on it: does it answer, has it the namespace, does it know
 * our search attributes?
 *
 * Asks by queries, which every kind of server allows; creates nothing there.
 */
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { attributeProbe, searchAttributeTypes } from '../../../../workflows/contract/plain/names.ts';
import { typeWords } from '../../start-temporal.ts';

const patienceMs = 5_000;
const grpcInvalidArgument = 3;
/** Deadline exceeded, unavailable: nobody answers, or not as Temporal does. */
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
  const missing: string[] = [];
  for (const [name, type] of Object.entries(searchAttributeTypes)) {
    const query = attributeProbe(name);
    try {
      await soon(() => client.workflowService.countWorkflowExecutions({ namespace, query }));
    } catch (cause) {
      if (!isUnknownName(cause)) throw new Error(`Temporal at ${address}: ${wordsOf(cause)}`, { cause });
      const server = `--address ${address} --namespace ${namespace}`;
      const attribute = `--name ${name} --type ${typeWords[type]}`;
      missing.push(`  temporal operator search-attribute create ${server} ${attribute}`);
    }
  }
  if (missing.length === 0) return;
  throw new Error(
    `Temporal at ${address} lacks search attributes in namespace ${namespace}. To register them:\n${missing.join('\n')}`,
  );
}

function isUnknownName(error: unknown): boolean {
  return isGrpcServiceError(error) && Number(error.code) === grpcInvalidArgument;
}

/** gRPC's own words for what went wrong are in the details. */
function wordsOf(error: unknown): string {
  if (isGrpcServiceError(error) && grpcSilences.includes(Number(error.code))) {
    return `no Temporal answered within ${patienceMs / 1000} s.`;
  }
  if (isGrpcServiceError(error) && error.details !== '') return error.details;
  return error instanceof Error ? error.message : String(error);
}
