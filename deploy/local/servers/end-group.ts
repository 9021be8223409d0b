/**
 * Ends a process group: asks, waits, then kills.
 *
 * Never signals a group that has already gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const lookEveryMs = 20;

/** After a kill only the kernel's book-keeping is left; a zombie whose parent does not collect it stays for ever. */
const afterKillMs = 2_000;

/** Resolves when no process of the group is left, at the latest about 2 s after the kill. */
export async function endGroup(pid: number, { graceMs }: { graceMs: number }): Promise<void> {
  if (!signalGroup(pid, 'SIGTERM')) return;
  // A stopped process gets the first signal only when it continues.
  signalGroup(pid, 'SIGCONT');
  if (await hasGone(pid, graceMs)) return;
  signalGroup(pid, 'SIGKILL');
  await hasGone(pid, afterKillMs);
}

/** False when there is no such group any more. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

async function hasGone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (signalGroup(pid, 0)) {
    if (Date.now() > deadline) return false;
    await sleep(lookEveryMs);
  }
  return true;
}
