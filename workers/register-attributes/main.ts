/**
 * Registers the search attributes of executions in a Temporal namespace, where they are missing.
 *
 * Run by `node workers/register-attributes/main.ts`, once per installation; the chart does so in a Job. Ends with 0 when all
 * are there, 69 when Temporal or its namespace was not there in time, 77 when it may not, 78 when a setting is wrong.
 */
import { Connection } from '@temporalio/client';
import pino from 'pino';
import { abortOnSignals } from '../../runtime/start-process.ts';
import { readTemporalSettings } from '../../runtime/temporal-settings.ts';
import { temporalChannel } from '../../workflows/contract/temporal-channel.ts';
import { registerAttributes } from './register.ts';

const exitCodes = { done: 0, waiting: 69, denied: 77, wrong: 78 } as const;

/** A new Temporal with its namespace is there by then; if not, the Job tries again. */
const patienceMs = 120_000;

const log = pino({ base: { process: 'register-attributes' } });
const stop = abortOnSignals();

function settings(): ReturnType<typeof readTemporalSettings> {
  try {
    return readTemporalSettings();
  } catch (error) {
    log.fatal(`The settings of Temporal are wrong: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(exitCodes.wrong);
  }
}

const { connectionOptions, address, namespace } = settings();
const connection = Connection.lazy({ ...connectionOptions, channelArgs: temporalChannel, interceptors: [] });
try {
  const outcome = await registerAttributes({ connection, namespace, address, patienceMs, log, signal: stop.signal });
  process.exitCode = exitCodes[outcome];
} finally {
  await connection.close();
}
