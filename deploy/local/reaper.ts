/**
 * The reaper: a tiny detached process that ends server processes and removes their data folder once its parent is gone.
 *
 * Reads orders, one per line, until the pipe closes (also by a kill -9 of the parent), then acts and ends.
 * Writes one word when it listens. Never touches a folder without the mark of a run.
 */
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { hasRunMark } from './runs/run-mark.ts';
import { endGroup } from './servers/end-group.ts';

const [graceMs, folder = ''] = process.argv.slice(2);
const groups = new Set<number>();

/** Whoever ends a whole session ends the parent too; we act when the pipe closes, not before. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

/** A parent killed in mid-write leaves half a line, whose number would be somebody else's: it lacks the full stop. */
function obey(line: string): void {
  const [, verb, digits] = /^(adopt|release) (\d+)\.$/.exec(line) ?? [];
  const pid = Number(digits);
  // Group 1 and below would mean "every process" to the kernel.
  if (verb === 'adopt' && pid > 1) groups.add(pid);
  if (verb === 'release') groups.delete(pid);
}

async function readOrders(): Promise<void> {
  try {
    for await (const line of createInterface({ input: process.stdin })) obey(line);
  } catch {
    // A broken pipe is a closed pipe.
  }
}

process.stdout.write('ready\n');
await readOrders();
await Promise.all([...groups].map((pid) => endGroup(pid, { graceMs: Number(graceMs) })));
// A server killed a moment ago may still be creating a file: try a few times.
if (await hasRunMark(folder)) await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
