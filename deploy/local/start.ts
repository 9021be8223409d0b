/**
 * `npm start`: the whole system on this machine, real trouble in it, and the story of what happened to each incident.
 *
 * Run by people who want to see it, and with `--once` by tests. Makes trouble only in the cluster that it started itself;
 * leaves nothing behind, also when it is killed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { demoNamespace, makeTrouble, troubles } from './demo/make-trouble.ts';
import { openStage, type Stage } from './demo/open-stage.ts';
import { type DemoOptions, readOptions, usage } from './demo/options.ts';
import { type Chapter, readChapter } from './demo/read-story.ts';
import { objections, tellStory } from './demo/tell-story.ts';
import { type Progress, plainProgress } from './progress.ts';
import { openRun } from './runs/open-run.ts';
import { readSettings } from './settings.ts';

/** From trouble to the agent's answer it takes a few seconds; a machine under load gets more. */
const patienceMs = 120_000;

async function main(): Promise<number> {
  const startedMs = Date.now();
  const settings = readSettings();
  const options = readOptions(process.argv.slice(2), settings.environment);
  if (options === undefined) {
    print(usage);
    return 0;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const progress = plainProgress((line) => process.stdout.write(line));
  const run = await openRun(settings);
  try {
    const stage = await openStage({ options, settings, run, progress });
    const code = stage.isOwnCluster ? await play(stage, { startedMs, progress, signal: stop.signal }) : 0;
    if (options.isOnce) return code;
    await stay(stage, options, stop.signal);
    return code;
  } finally {
    print('Ending what was started ...');
    await run.close();
  }
}

interface Performance {
  startedMs: number;
  progress: Progress;
  signal: AbortSignal;
}

/** Makes trouble and tells what became of it; resolves with the exit code. */
async function play(stage: Stage, { startedMs, progress, signal }: Performance): Promise<number> {
  await makeTrouble(stage.kubectl);
  progress.done('Trouble was made: an OOM kill, a crash loop, a Pod that cannot be scheduled\n');
  const chapters: Chapter[] = [];
  const untilMs = Date.now() + patienceMs;
  let open = [...troubles];
  while (open.length > 0 && Date.now() < untilMs && !signal.aborted) {
    for (const trouble of open) {
      const chapter = await readChapter(trouble, stage);
      if (chapter === undefined) continue;
      if (chapters.length === 0) print(`First incident handled ${seconds(startedMs)} s after the command.\n`);
      chapters.push(chapter);
      open = open.filter((other) => other !== trouble);
      print(tellStory(chapter, stage.uiUrl));
    }
    await delay(200);
  }
  await showHooks(stage, untilMs);
  return judge(await readAgain(stage, chapters));
}

/** A second request would come after the first, so what was asked is counted once more at the end. */
async function readAgain(stage: Stage, chapters: Chapter[]): Promise<Chapter[]> {
  const again = await Promise.all(chapters.map(({ trouble }) => readChapter(trouble, stage)));
  return again.filter((chapter) => chapter !== undefined);
}

function judge(chapters: Chapter[]): number {
  const problems = objections(chapters, troubles.length);
  for (const problem of problems) print(`✗ ${problem}`);
  if (problems.length === 0) print(`✓ ${chapters.length} incidents, each reached its agent exactly once.`);
  return problems.length === 0 ? 0 : 1;
}

/** The status of Hooks follows Temporal within a second or two. */
async function showHooks({ kubectl }: Stage, untilMs: number): Promise<void> {
  const active = () => kubectl(['get', 'hooks', '-n', demoNamespace, '-o', 'jsonpath={.items[*].status.active}']);
  const sum = (text: string) => text.split(' ').reduce((total, part) => total + Number(part), 0);
  while (sum(await active()) < troubles.length && Date.now() < untilMs) await delay(200);
  print(`$ kubectl get hooks -n ${demoNamespace}\n${await kubectl(['get', 'hooks', '-n', demoNamespace])}`);
}

async function stay(stage: Stage, options: DemoOptions, signal: AbortSignal): Promise<void> {
  print(`\nTemporal's Web UI:  ${stage.uiUrl}`);
  print(`The cluster:        ${stage.kubectlCommand} get hooks -A`);
  if (!stage.isOwnCluster) print(`Watching the Hooks of context ${options.context ?? ''}; no trouble is made there.`);
  print('Ctrl-C ends everything that was started here.');
  const aborted = Promise.withResolvers<void>();
  if (signal.aborted) return;
  signal.addEventListener('abort', () => aborted.resolve(), { once: true });
  // Waiting for a signal alone does not keep a process alive.
  const alive = setInterval(() => undefined, 60_000);
  await aborted.promise;
  clearInterval(alive);
}

function seconds(sinceMs: number): string {
  return ((Date.now() - sinceMs) / 1000).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
process.exit();
