/**
 * Executions whose payloads cannot be decoded, and the log line for each of them, up to a limit.
 *
 * Remembers none as broken: with the key back in its folder, the same execution is read.
 */
import { ValueError } from '@temporalio/common';
import type { Logger } from 'pino';
import { DecryptionError, UnknownKeyError } from '../../codec/key-errors.ts';

export interface Unreadable {
  workflowId: string;
  runId: string;
  error: unknown;
}

/** More are not named, so that a lost key fills neither the log nor memory. */
const namedLimit = 1000;

const kinds = [UnknownKeyError, DecryptionError, ValueError];

export function logUnreadable(log: Pick<Logger, 'warn'>, limit = namedLimit): (left: Unreadable) => void {
  const logged = new Set<string>();
  return ({ workflowId, runId, error }) => {
    if (logged.has(runId) || logged.size > limit) return;
    logged.add(runId);
    if (logged.size > limit) {
      log.warn({ named: limit }, 'still more executions cannot be read; they are left out without being named');
      return;
    }
    log.warn(
      { workflowId, runId, error: String(error) },
      'an execution cannot be read and is left out until it can be',
    );
  };
}

/** Whether payloads arrived and could not be decoded, also as the cause; without any keys the SDK says that it cannot. */
export function isUndecodable(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return [error, error.cause].some((each) => kinds.some((kind) => each instanceof kind));
}
