/**
 * Finds a server that ended although nobody asked it to. Starts and ends none.
 */
import { endOfLog, type Server } from './start-server.ts';

/** Throws when one of them is no longer there. */
export async function assertRunning(servers: readonly Server[]): Promise<void> {
  const ended = servers.find(({ pid }) => pid === undefined);
  if (ended !== undefined) throw new Error(`${ended.name} has ended by itself. ${await quoteLog(ended)}`);
}

/** The end of a server's log, with its name; the file itself is removed with the run. */
export async function quoteLog({ name, logFile }: Pick<Server, 'name' | 'logFile'>): Promise<string> {
  return `The end of the log of ${name}:\n${await endOfLog(logFile)}`;
}
