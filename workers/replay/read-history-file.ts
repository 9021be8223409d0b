/**
 * A saved history → a recorded run.
 *
 * Called by main for names that are files. Throws an UnreadableError that names the file, what was found and what was wanted.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UnreadableError } from './exit-codes.ts';
import { eventsFromJson, type RecordedEvent, type RecordedRun } from './history.ts';

const wanted = 'wanted a history such as temporal workflow show --output json prints';

/** A history may also come as the bare list of its events. */
const SavedHistory = z.union([
  z.looseObject({ events: z.array(z.looseObject({})).min(1) }),
  z
    .array(z.looseObject({}))
    .min(1)
    .transform((events) => ({ events })),
]);

export function readHistoryFile(file: string): RecordedRun {
  const text = read(file);
  const saved = SavedHistory.safeParse(parse(file, text));
  if (!saved.success) throw new UnreadableError(`${file} has no list of events; ${wanted}.`);
  return { source: file, events: convert(file, saved.data) };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UnreadableError(`${file} cannot be read: ${messageOf(error)}; ${wanted}.`, { cause: error });
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnreadableError(`${file} is no JSON (${messageOf(error)}); ${wanted}.`, { cause: error });
  }
}

function convert(file: string, saved: object): RecordedEvent[] {
  try {
    return eventsFromJson(saved);
  } catch (error) {
    throw new UnreadableError(`${file} has events that are none of Temporal's (${messageOf(error)}); ${wanted}.`, {
      cause: error,
    });
  }
}

/** In one line, and without a whole event in it. */
function messageOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
