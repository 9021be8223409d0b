/**
 * `npm run --silent detect -- [--hooks HOOKS.yaml] [--json] [--until TIME] FILE…`: which incidents would fire, and why not.
 *
 * Plays recordings through the real projection, detectors and matching. Needs no cluster, no Temporal and no settings.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { LiveHook } from '../hooks/live-hook.ts';
import { play } from './play.ts';
import { printJson, printText, terminalLine } from './print.ts';
import { hooksForEveryType, readHooksFile } from './read-hooks-file.ts';
import { type Recording, readRecording } from './read-recording.ts';

const usage = `Usage: npm run --silent detect -- [--hooks HOOKS.yaml] [--json] [--until TIME] FILE…

FILE is {"stream": [{at, type, object}]}, or what kubectl get pods,events,nodes,… -o json prints; - is standard input.
Several files are one recording. Without --hooks every incident type is shown with its defaults.
--until lets the clock go on after the last change, to an RFC 3339 time, as if nothing changed any more.
`;

/** EX_USAGE and EX_DATAERR of sysexits. */
const exitCodes = { usage: 64, data: 65 };

type Arguments = ReturnType<typeof readArguments>;

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { hooks: { type: 'string' }, json: { type: 'boolean', default: false }, until: { type: 'string' } },
  });
  if (positionals.length === 0) throw new Error('names no FILE.');
  const untilMs = values.until === undefined ? undefined : Date.parse(values.until);
  if (Number.isNaN(untilMs))
    throw new Error(`--until is "${values.until}"; expected a time such as 2026-09-01T10:05:00Z.`);
  return { files: positionals, hooks: values.hooks, json: values.json, untilMs };
}

function run({ files, hooks: hooksFile, json, untilMs }: Arguments): void {
  const nowMs = untilMs ?? Date.now();
  const parts = files.map((file) => readRecording(file === '-' ? 'standard input' : file, read(file), nowMs));
  const hooks = hooksFile === undefined ? hooksForEveryType() : readHooksFile(hooksFile, read(hooksFile));
  for (const problem of hooks.flatMap(problemsOf)) process.stderr.write(`${terminalLine(problem)}\n`);
  const played = play(together(parts), { hooks, namesHooks: hooksFile !== undefined, untilMs });
  process.stdout.write(json ? printJson(played) : printText(played));
}

/** Several streams are woven together by their times; each keeps the order in which it was delivered. */
function together(parts: readonly Recording[]): Recording {
  const all = parts.flatMap(({ changes }) => {
    let atMs = 0; // what was delivered late was not known before
    return changes.map((change) => {
      atMs = Math.max(atMs, change.atMs);
      return { ...change, atMs };
    });
  });
  return { changes: all.toSorted((a, b) => a.atMs - b.atMs), fromMs: Math.min(...parts.map(({ fromMs }) => fromMs)) };
}

function problemsOf({ namespace, name, problems, raised }: LiveHook): string[] {
  return [
    ...problems.map(
      ({ reason, message }) => `Hook ${namespace}/${name} is not wholly acted upon: ${reason}: ${message}`,
    ),
    ...raised.map((message) => `Hook ${namespace}/${name}: TimesRaised: ${message}`),
  ];
}

function read(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function exitWith(code: number, error: unknown, more: string): void {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n').map(terminalLine);
  process.stderr.write(`${lines.join('\n')}\n${more}`);
  process.exitCode = code;
}

function main(): void {
  let given: Arguments;
  try {
    given = readArguments();
  } catch (error) {
    return exitWith(exitCodes.usage, error, `\n${usage}`);
  }
  try {
    run(given);
  } catch (error) {
    exitWith(exitCodes.data, error, '');
  }
}

main();
