/**
 * The last lines of a server's log, for messages. Never fails: a log that cannot be read is empty.
 */
import { readFile } from 'node:fs/promises';

/** Enough for a stack of reasons, little enough to read. */
const quotedLines = 15;

export async function endOfLog(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-quotedLines).join('\n') || '(empty)';
}
