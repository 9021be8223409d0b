/**
 * Servers that ended although nobody asked them to: which one, and its last words.
 *
 * Called while the demo waits for something that only comes if all of them run.
 */
import { readFile } from 'node:fs/promises';
import type { Server } from '../servers/start-server.ts';

/** Enough for a stack of reasons, little enough to read. */
const quotedLines = 15;

/** Throws when one of them is no longer there. */
export async function assertRunning(servers: readonly Server[]): Promise<void> {
  const ended = servers.find(({ pid }) => pid === undefined);
  if (ended !== undefined) throw new Error(`${ended.name} has ended by itself. ${await lastWords(ended)}`);
}

/** The end of a server's log; the file itself goes with the run. */
export async function lastWords({ name, logFile }: Pick<Server, 'name' | 'logFile'>): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(-quotedLines).join('\n');
  return `The end of the log of ${name}:\n${lines || '(empty)'}`;
}
