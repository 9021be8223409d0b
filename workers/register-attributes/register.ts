/**
 * Adds the missing search attributes to a Temporal namespace; waits for a server or a namespace that is not there yet.
 *
 * Looks by queries first, which every kind of server allows, so that nothing needs a permission where nothing is missing. Never
 * changes or removes an attribute.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Connection, isGrpcServiceError } from '@temporalio/client';
import { type SearchAttributeName, searchAttributeTypes } from '../../workflows/contract/plain/names.ts';
import { missingAttributes } from '../../workflows/contract/search-attributes.ts';

export interface Registering {
  connection: Connection;
  namespace: string;
  /** For people. */
  address: string;
  /** For so long a server or a namespace that is missing is waited for. */
  patienceMs: number;
  log: { info: (message: string) => void; warn: (message: string) => void; error: (message: string) => void };
  signal: AbortSignal;
}

/** All are there; the server or the namespace was not there in time; the server refuses, for good, that they are added by us. */
export type Outcome = 'done' | 'waiting' | 'denied';

const callMs = 5_000;
const pauseMs = 2_000;

/** Of gRPC. */
const codes = { invalidArgument: 3, notFound: 5, alreadyExists: 6, denied: 7, unimplemented: 12, unauthenticated: 16 };
const denials = [codes.invalidArgument, codes.denied, codes.unimplemented, codes.unauthenticated];

export async function registerAttributes(registering: Registering): Promise<Outcome> {
  const { log, signal, patienceMs } = registering;
  const untilMs = Date.now() + patienceMs;
  for (;;) {
    try {
      await addMissing(registering);
      return 'done';
    } catch (error) {
      if (denials.includes(codeOf(error))) {
        log.error(denied(registering, error));
        return 'denied';
      }
      log.warn(waiting(registering, error));
    }
    if (signal.aborted || Date.now() >= untilMs) return 'waiting';
    await delay(Math.min(pauseMs, patienceMs), undefined, { signal }).catch(() => undefined);
  }
}

async function addMissing(registering: Registering): Promise<void> {
  const { connection, namespace, log } = registering;
  await soon(registering, () => connection.workflowService.describeNamespace({ namespace }));
  const missing = await missingAttributes((query) =>
    soon(registering, () => connection.workflowService.countWorkflowExecutions({ namespace, query })),
  );
  if (missing.length === 0) {
    log.info(`Namespace ${namespace} has all ${Object.keys(searchAttributeTypes).length} search attributes.`);
    return;
  }
  // One by one: of several, some servers add none when one is there already.
  for (const name of missing) await add(registering, name);
  log.info(`Search attributes were added to namespace ${namespace}: ${missing.join(', ')}.`);
}

/** Another Job, or somebody by hand, may have added it since we looked. */
async function add(registering: Registering, name: SearchAttributeName): Promise<void> {
  const { connection, namespace } = registering;
  const searchAttributes = { [name]: indexedTypes[searchAttributeTypes[name]] };
  try {
    await soon(registering, () => connection.operatorService.addSearchAttributes({ namespace, searchAttributes }));
  } catch (error) {
    if (codeOf(error) !== codes.alreadyExists) throw error;
  }
}

/** The numbers of Temporal's IndexedValueType. */
const indexedTypes = { Keyword: 2, Datetime: 6 } as const;

function soon<T>({ connection }: Registering, ask: () => Promise<T>): Promise<T> {
  return connection.withDeadline(Date.now() + callMs, ask);
}

function waiting({ namespace, address }: Registering, error: unknown): string {
  if (codeOf(error) === codes.notFound) {
    return `Temporal at ${address} has no namespace ${namespace}; expected: temporal operator namespace create ${namespace}`;
  }
  return `Waiting for Temporal at ${address}: ${wordsOf(error)}`;
}

function denied({ namespace, address }: Registering, error: unknown): string {
  const expected = Object.entries(searchAttributeTypes).map(([name, type]) => `${name} (${type})`);
  return (
    `Temporal at ${address} does not let us look at namespace ${namespace} or add search attributes to it: ${wordsOf(error)}. ` +
    `Its administrator has to add them (in Temporal Cloud, in its console or by tcld): ${expected.join(', ')}. ` +
    'Then set temporal.registerSearchAttributes=false in the chart.'
  );
}

function codeOf(error: unknown): number {
  return isGrpcServiceError(error) ? Number(error.code) : -1;
}

/** gRPC's own words for what went wrong are in the details. */
function wordsOf(error: unknown): string {
  if (isGrpcServiceError(error) && error.details !== '') return error.details;
  return error instanceof Error ? error.message : String(error);
}
