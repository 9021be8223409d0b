/**
 * `npm start`: the whole system on this machine, real trouble in it, and the story of what happened to each incident.
 *
 * Run by people who want to see it, and with `--once` by tests. Makes trouble only in the cluster that it started itself;
 * leaves nothing behind, also when it is killed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { styleText } from 'node:util';
import { leave } from './demo/leave.ts';
import { openStage } from './demo/open-stage.ts';
import { type DemoOptions, readOptions, usage } from './demo/options.ts';
import { play } from './demo/play.ts';
import { plainRows, terminalRows } from './demo/rows.ts';
import type { Backstage, Stage } from './demo/stage.ts';
import type { Paint } from './demo/tell-story.ts';
import { assertRunning } from './demo/watch-servers.ts';
import { openRun } from './runs/open-run.ts';
import { readSettings } from './settings.ts';

/** What a shell says of a program that was ended by Ctrl-C. */
const interruptedCode = 130;

const startedMs = Date.now();

async function main(): Promise<number> {
  const settings = readSettings();
  const options = readOptions(process.argv.slice(2), settings.environment);
  if (options === undefined) {
    print(usage);
    return 0;
  }
  const signal = stopOnSignals();
  const run = await openRun(settings);
  const rows = canRedraw(settings.environment['TERM']) ? terminalRows(signal) : plainRows(write, signal);
  const backstage: Backstage = { options, settings, run, rows, signal, farewells: [] };
  try {
    return await perform(backstage);
  } catch (error) {
    await rows.settled();
    if (signal.aborted) return interruptedCode;
    complain(error);
    return 1;
  } finally {
    await leave(run, backstage.farewells, print);
  }
}

/** Some terminals have no width, or say that they are only paper. */
function canRedraw(terminal: string | undefined): boolean {
  return process.stdout.isTTY && process.stdout.columns > 0 && terminal !== 'dumb';
}

/** Every further signal finds us ending already; npm passes on what the terminal has sent us as well. */
function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort());
  // Nobody reads any more.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop.abort());
  return stop.signal;
}

async function perform(backstage: Backstage): Promise<number> {
  const { options, signal } = backstage;
  const stage = await openStage(backstage);
  const code = stage.isOwnCluster ? await play(stage, { startedMs, print, paint, signal }) : 0;
  if (!options.isOnce) await stay(stage, options, signal);
  return code;
}

/** Resolves when the user wants to end; rejects when a server has ended. */
async function stay(stage: Stage, { context }: DemoOptions, signal: AbortSignal): Promise<void> {
  print(`\nTemporal's Web UI:  ${stage.uiUrl}`);
  print(`The cluster:        ${stage.kubectlCommand} get hooks -A`);
  if (context !== undefined) {
    print(`Watching the Hooks of context ${context} as installation ${stage.installation}, and writing their status.`);
    print('No trouble is made there.');
  }
  print(paint('bold', 'Ctrl-C ends everything that was started here.'));
  while (!signal.aborted) {
    await assertRunning(stage.servers);
    await delay(500, undefined, { signal }).catch(() => undefined);
  }
}

/** Node leaves the colours out where nobody would see them. */
const paint: Paint = (how, text) => styleText(how, text, { stream: process.stdout });

function write(text: string): void {
  process.stdout.write(text);
}

function print(line: string): void {
  write(`${line}\n`);
}

function complain(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  complain(error);
  process.exitCode = 1;
}
process.exit();
