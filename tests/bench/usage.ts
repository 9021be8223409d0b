/**
 * CPU time and memory of other processes, as Linux lists them in /proc.
 *
 * Reads only; a process that is gone counts as nothing.
 */
import { readFile } from 'node:fs/promises';

/** Named process ids; undefined where the process does not run. */
export type Processes = Readonly<Record<string, number | undefined>>;

export interface Usage {
  /** Share of one core, in percent, over the time between two looks. */
  cpuPercent: number;
  /** CPU time between the two looks, in milliseconds. */
  cpuMs: number;
  /** Resident memory at the second look. */
  rssMiB: number;
}

/** Begins to count; the function that it returns gives what was used since. */
export async function countUsage(processes: Processes): Promise<() => Promise<Record<string, Usage>>> {
  const before = await ticksOf(processes);
  const fromMs = performance.now();
  return async () => {
    const after = await ticksOf(processes);
    const seconds = (performance.now() - fromMs) / 1000;
    const usages = Object.entries(processes).map(async ([name, pid]) => {
      const ticks = (after.get(name) ?? 0) - (before.get(name) ?? 0);
      return [
        name,
        { cpuPercent: round(ticks / seconds), cpuMs: ticks * 10, rssMiB: await memoryMiB(pid, 'VmRSS') },
      ] as const;
    });
    return Object.fromEntries(await Promise.all(usages));
  };
}

/** Resident memory now (`VmRSS`) or at most (`VmHWM`), in MiB. */
export async function memoryMiB(pid: number | undefined, what: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
}

export function formatUsage(usages: Readonly<Record<string, Usage>>): string {
  return Object.entries(usages)
    .map(([name, { cpuPercent, rssMiB }]) => `${name} ${cpuPercent} % ${rssMiB} MiB`)
    .join(', ');
}

/** CPU time of each process for one of `count` calls, the largest first, and of all together. */
export function formatCpuOfOne(usages: Readonly<Record<string, Usage>>, count: number): string {
  const parts = Object.entries(usages).map(([name, { cpuMs }]) => ({ name, ms: cpuMs / count }));
  const all = parts.reduce((sum, { ms }) => sum + ms, 0);
  const sorted = parts.toSorted((a, b) => b.ms - a.ms).map(({ name, ms }) => `${name} ${ms.toFixed(1)}`);
  return `${all.toFixed(1)} ms: ${sorted.join(', ')}`;
}

/** Ticks of user and system time; a hundred of them are a second on Linux, so a tick a second is one percent. */
async function ticksOf(processes: Processes): Promise<Map<string, number>> {
  const read = Object.entries(processes).map(async ([name, pid]) => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The name of the program, in parentheses, may hold spaces; fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [name, Number(fields[11] ?? 0) + Number(fields[12] ?? 0)] as const;
  });
  return new Map(await Promise.all(read));
}

function round(percent: number): number {
  return Math.round(percent * 10) / 10;
}
