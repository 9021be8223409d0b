/** Nothing is left behind: what a run started ends with it, whatever ends the run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { startReaper } from '../../deploy/local/register-with-reaper.ts';
import { openRun } from '../../deploy/local/runs/open-run.ts';
import { writeRunMark } from '../../deploy/local/runs/run-mark.ts';
import { launch } from '../../deploy/local/servers/launch.ts';
import { waitUntil } from '../../deploy/local/servers/wait-until.ts';
import { type Box, makeBox } from '../engines/make-box.ts';

const Report = z.object({ reaperPid: z.number(), folder: z.string(), pids: z.array(z.number()) });

/** A process that opens a run in the box, starts a polite server and a stubborn one with a child, and says what it has. */
async function startParent(box: Box): Promise<{ parent: ChildProcess; report: z.infer<typeof Report> }> {
  const here = (path: string) => JSON.stringify(new URL(`../../deploy/local/${path}`, import.meta.url).href);
  const code = `
    import { readdir, readFile } from 'node:fs/promises';
    import { openRun } from ${here('runs/open-run.ts')};
    import { readSettings } from ${here('settings.ts')};
    import { launch } from ${here('servers/launch.ts')};
    const run = await openRun(readSettings(), { graceMs: 200 });
    const start = (name, script) =>
      launch({ name, path: '/bin/sh', args: ['-c', script], logFile: run.folder + '/' + name, run });
    const polite = await start('polite', 'exec sleep 600');
    const stubborn = await start('stubborn', 'trap "" TERM; sleep 600 & echo $!; while true; do sleep 1; done');
    let grandchild = '';
    while (grandchild === '') grandchild = await readFile(run.folder + '/stubborn', 'utf8');
    const own = await readFile('/proc/self/task/' + process.pid + '/children', 'utf8');
    const pids = [polite.pid, stubborn.pid, Number(grandchild)];
    const reaperPid = own.trim().split(' ').map(Number).find((pid) => !pids.includes(pid));
    console.log(JSON.stringify({ reaperPid, folder: run.folder, pids }));
    setInterval(() => {}, 1_000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: { PATH: '/usr/bin:/bin', XDG_CACHE_HOME: join(box.folder, 'cache') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  for await (const line of createInterface({ input: parent.stdout })) {
    return { parent, report: Report.parse(JSON.parse(line)) };
  }
  throw new Error('The parent ended without a word.');
}

/** Dead, or dead and not yet collected by whoever inherited it. */
async function isGone(pid: number): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return line.slice(line.lastIndexOf(')') + 2).startsWith('Z');
}

const areGone = async (pids: number[]) => (await Promise.all(pids.map(isGone))).every(Boolean);
const isRemoved = (folder: string) =>
  access(folder).then(
    () => false,
    () => true,
  );
const within = { timeoutMs: 20_000, intervalMs: 20 };

// Real processes: on a loaded machine each takes seconds to start.
vi.setConfig({ testTimeout: 40_000 });

const hasProc = process.platform === 'linux';

it.runIf(hasProc).each(['SIGKILL', 'SIGINT'] as const)(
  'a parent ended by %s leaves no server, no child of a server, no reaper and no data folder',
  async (signal) => {
    const box = await makeBox();
    const { parent, report } = await startParent(box);
    expect(await areGone(report.pids)).toBe(false);
    parent.kill(signal);
    await once(parent, 'exit');
    expect(await waitUntil(() => areGone([...report.pids, report.reaperPid]), within)).toBe(true);
    expect(await isRemoved(report.folder)).toBe(true);
    expect(await readdir(join(box.folder, 'cache', 'kagent-hooks', 'runs'))).toEqual([]);
  },
);

it.runIf(hasProc)(
  'a reaper outlives the signals that end a session, and acts only when its parent has gone',
  async () => {
    const { parent, report } = await startParent(await makeBox());
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(report.reaperPid, signal);
    parent.kill('SIGKILL');
    expect(await waitUntil(() => areGone(report.pids), within)).toBe(true);
  },
);

it.runIf(hasProc)(
  'when parent and reaper were both killed, the next run ends their servers and removes their folder',
  async () => {
    const box = await makeBox();
    const { parent, report } = await startParent(box);
    process.kill(report.reaperPid, 'SIGKILL');
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await waitUntil(() => isGone(report.reaperPid), within);
    expect(await areGone(report.pids)).toBe(false);

    const run = await openRun(box.settings());
    expect(await waitUntil(() => areGone(report.pids), within)).toBe(true);
    expect(await isRemoved(report.folder)).toBe(true);
    await run.close();
  },
);

it('opening a run leaves the folders of living runs alone, and those of other hosts', async () => {
  const box = await makeBox();
  const living = await openRun(box.settings());
  const foreign = join(living.folder, '..', 'run-foreign');
  await mkdir(foreign);
  await writeRunMark(foreign);
  const mark = join(foreign, '.kagent-hooks-run.json');
  await writeFile(
    mark,
    (await readFile(mark, 'utf8'))
      .replace(/"host":"[^"]*"/, '"host":"elsewhere"')
      .replace(/"pid":\d+/, '"pid":999999999'),
  );

  const second = await openRun(box.settings());
  await second.close();
  expect(await isRemoved(living.folder)).toBe(false);
  expect(await isRemoved(foreign)).toBe(false);
  await living.close();
  expect(await isRemoved(living.folder)).toBe(true);
});

it.runIf(hasProc)(
  'a folder whose owner has died is removed although its process id was given to another process',
  async () => {
    const box = await makeBox();
    const first = await openRun(box.settings());
    const old = join(first.folder, '..', 'run-old');
    await mkdir(old);
    await writeRunMark(old);
    const mark = join(old, '.kagent-hooks-run.json');
    await writeFile(mark, (await readFile(mark, 'utf8')).replace(/"birth":"\d+"/, '"birth":"1"'));
    const second = await openRun(box.settings());
    expect(await isRemoved(old)).toBe(true);
    await Promise.all([first.close(), second.close()]);
  },
);

it('the reaper removes no folder that does not carry the mark of a run', async () => {
  const box = await makeBox();
  const precious = join(box.folder, 'precious');
  await mkdir(precious);
  const run = await openRun(box.settings());
  const reaper = await startReaper(precious);
  await Promise.all([run.close(), reaper.close()]);
  expect(await isRemoved(run.folder)).toBe(true);
  expect(await isRemoved(precious)).toBe(false);
});

it('a server that would start after its run was closed is ended at once', async () => {
  const box = await makeBox();
  const run = await openRun(box.settings());
  await run.close();
  const spec = { name: 'late', path: '/bin/sh', args: ['-c', 'sleep 600'], logFile: join(box.folder, 'late.log'), run };
  const failure = await launch(spec).then(() => 'started', String);
  const pid = Number(/Process (\d+) was ended at once/.exec(failure)?.[1]);
  expect(await waitUntil(() => isGone(pid), within)).toBe(true);
});
