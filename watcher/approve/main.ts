/**
 * `npm run approve`: what waits for people, and their answers.
 *
 * Reads Temporal with the watcher's own settings. Ends with 0 when it has shown what waits or the answer was taken, 1 when the
 * answer was refused, 64 with wrong options, 69 when nothing of that id waits or nobody takes the answer, 78 with wrong settings.
 */
import type { Client } from '@temporalio/client';
import pino from 'pino';
import { openDataConverter } from '../../codec/data-converter.ts';
import { messageOf } from '../../runtime/message-of.ts';
import { configExitCode } from '../../runtime/read-environment.ts';
import { checkAnswer } from '../../workflows/contract/plain/check-answer.ts';
import { inertLine } from '../../workflows/contract/plain/inert-text.ts';
import { readConfig, userName, type WatcherConfig } from '../config.ts';
import { connectTemporal } from '../executions/connect-temporal.ts';
import { logUnreadable } from '../executions/unreadable.ts';
import { isAnswer, type Options, readOptions, sentBy, usage } from './options.ts';
import { listLines, showLines } from './print.ts';
import { sendAnswer } from './send-answer.ts';
import { findPause, readWaiting, type WaitingExecution } from './waiting-list.ts';

const exitCodes = { done: 0, refused: 1, usage: 64, unavailable: 69 } as const;
/** For Temporal, and for a worker to take an answer. */
const waitMs = 30_000;

async function run(options: Options, config: WatcherConfig): Promise<number> {
  const log = pino({ level: 'warn', base: { process: 'approve' } }, pino.destination(2));
  const dataConverter = openDataConverter(config.CODEC_KEY_DIR, log);
  const client = await connectTemporal(log, AbortSignal.timeout(waitMs), dataConverter);
  try {
    const all = await readWaiting(client, config.INSTALLATION, logUnreadable(log));
    if (options.pause === undefined) return print(options, all, listLines(all));
    const found = findPause(all, options.pause);
    if ('problem' in found) {
      console.error(found.problem);
      return exitCodes.unavailable;
    }
    return isAnswer(options) ? await answer(client, options, found) : print(options, found, showLines(found));
  } finally {
    await client.connection.close();
  }
}

function print({ json }: Options, data: unknown, lines: readonly string[]): number {
  console.log(json ? JSON.stringify(data) : lines.join('\n'));
  return exitCodes.done;
}

/** The same checks as the execution makes, before it is asked. */
async function answer(client: Client, options: Options, { workflowId, waiting }: WaitingExecution): Promise<number> {
  const pause = { ...waiting, id: waiting.pause };
  const person = options.by ?? userName();
  const sent = sentBy({ ...options, ...(person !== undefined && { by: person }) }, pause);
  const checked = checkAnswer(pause, sent);
  const result = 'refusal' in checked ? checked : await sendAnswer(client, { workflowId, answer: sent, waitMs });
  if ('problem' in result) {
    console.error(result.problem);
    return exitCodes.unavailable;
  }
  if (!('taken' in result)) {
    console.error(inertLine(result.refusal, 8192));
    return exitCodes.refused;
  }
  const { what, by, at, note } = result.taken;
  const words = `Pause ${waiting.pause} was ${what} by ${by} at ${at}; the agent receives it now.`;
  return print(options, result.taken, [words, ...(note === undefined ? [] : [inertLine(note, 8192)])]);
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${usage}`);
    return exitCodes.usage;
  }
  if (!options.help) return run(options, readConfig(undefined, { INSTALLATION: options.installation }));
  console.log(usage);
  return exitCodes.done;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = configExitCode;
}
