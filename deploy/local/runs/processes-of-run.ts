/**
 * Finds servers that outlived both their parent and its reaper, by the run's folder in their environment. Works where /proc
 * exists; elsewhere it finds nothing.
 */
import { readdir, readFile } from 'node:fs/promises';

/** Every server carries this variable; its value is the data folder of its run. */
export const runVariable = 'KAGENT_HOOKS_RUN';

/** Kills them without asking: nobody will read what they might still write. */
export async function endProcessesOfRun(folder: string): Promise<void> {
  const names = await readdir('/proc').catch(() => []);
  const expected = `${runVariable}=${folder}`;
  for (const pid of names.filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(expected)) kill(Number(pid));
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
