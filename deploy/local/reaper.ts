/**
 * The reaper: a tiny detached process that ends server processes and removes data folders once its parent is gone.
 *
 * Reads orders, one JSON array per line, until the pipe closes (also by a kill -9 of the parent), then acts and ends.
 * Writes one word when it listens. Never touches a folder without the mark of a run.
 */
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { hasRunMark } from './runs/run-mark.ts';
import { endGroup } from './servers/end-group.ts';

const groups = new Set<number>();
const folders = new Set<string>();

/** Whoever ends a whole session ends the parent too; we act when the pipe closes, not before. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

function obey(line: string): void {
  const [verb, object] = parse(line);
  // Group 1 and below would mean "every process" to the kernel.
  if (verb === 'adopt-group' && Number.isInteger(object) && Number(object) > 1) groups.add(Number(object));
  if (verb === 'release-group') groups.delete(Number(object));
  if (verb === 'adopt-folder' && typeof object === 'string') folders.add(object);
}

/** A parent killed in mid-write leaves half a line; it is no JSON and means nothing. */
function parse(line: string): unknown[] {
  try {
    const order: unknown = JSON.parse(line);
    return Array.isArray(order) ? order : [];
  } catch {
    return [];
  }
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
const graceMs = Number(process.argv[2]);
await Promise.all([...groups].map((pid) => endGroup(pid, { graceMs })));
for (const folder of folders) {
  // A server killed a moment ago may still be creating a file: try a few times.
  if (await hasRunMark(folder)) await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
