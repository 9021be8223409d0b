/**
 * `npm start`: the whole system on this machine, real trouble in it, and what happened to each incident.
 *
 * Makes trouble only in the cluster that it started itself; leaves nothing behind, also when it is killed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { styleText } from 'node:util';
import { cleanUp } from './demo/clean-up.ts';
import type { Paint } from './demo/incidents/describe-incident.ts';
import { type DemoOptions, readOptions, usage } from './demo/options.ts';
import { plainRows, terminalRows } from './demo/rows.ts';
import { runDemo } from './demo/run-demo.ts';
import { type LocalSystem, openSystem } from './demo/system/open-system.ts';
import type { Opening } from './demo/system/system.ts';
import { openRun } from './runs/open-run.ts';
import { assertRunning } from './servers/assert-running.ts';
import { readSettings } from './settings.ts';

/** As shells report a program that was ended by Ctrl-C. */
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
  const opening: Opening = { options, settings, run, rows, signal, cleanUps: [] };
  try {
    return await openAndShow(opening);
  } catch (error) {
    await rows.settled();
    if (signal.aborted) return interruptedCode;
    complain(error);
    return 1;
  } finally {
    await cleanUp(run, opening.cleanUps, print);
  }
}

/** Some terminals have no width, or cannot move the cursor. */
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

async function openAndShow(opening: Opening): Promise<number> {
  const { options, signal } = opening;
  const system = await openSystem(opening);
  const code = system.cluster.isOwn ? await runDemo(system, { startedMs, print, paint, signal }) : 0;
  if (!options.isOnce) await stay(system, options, signal);
  return code;
}

/** Resolves when the user wants to end; rejects when a server has ended. */
async function stay(system: LocalSystem, { context }: DemoOptions, signal: AbortSignal): Promise<void> {
  print(`\nTemporal's Web UI:  ${system.uiUrl}`);
  print(`The cluster:        ${system.cluster.command} get hooks -A`);
  if (context !== undefined) {
    print(`Watching the Hooks of context ${context} as installation ${system.installation}, and writing their status.`);
    print('No trouble is made there.');
  }
  print(paint('bold', 'Ctrl-C ends everything that was started here.'));
  while (!signal.aborted) {
    await assertRunning(system.servers);
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
