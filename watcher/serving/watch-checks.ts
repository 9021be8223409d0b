/**
 * Whether the watches of the cluster are fresh, and whether one is dead: silent although the API server answers.
 *
 * Only a dead watch fails `/livez`. A restart does not help one that is stale because the API server does not answer, does not
 * allow the list, or the streams are paused for Temporal.
 */
import type { Check, Facts } from '../../runtime/health.ts';
import { pause } from '../loops/backoff.ts';

interface WatchedStream {
  /** Such as `pods`. */
  name: string;
  /** When the server last sent something, or was known to have sent everything, in milliseconds; 0 for never. */
  seenMs: () => number;
  /** Lists one object of the same collection; rejects where the API server does not answer, or refuses. */
  list: () => Promise<unknown>;
}

export interface WatchChecksOptions {
  streams: () => readonly WatchedStream[];
  /** Whether the streams are held back because too much waits to be handed over. */
  isPaused: () => boolean;
  signal: AbortSignal;
  limits?: WatchLimits;
}

export interface WatchLimits {
  /** Above the silence after which a watch is opened anew, and the minute until its first bookmark. */
  staleMs: number;
  /** After so long, the API server is asked, to find out why. */
  suspectMs: number;
  /** The server must have answered for so long, longer than the longest pause between tries of a watch. */
  provenMs: number;
  everyMs: number;
}

const defaultLimits: WatchLimits = { staleMs: 180_000, suspectMs: 300_000, provenMs: 120_000, everyMs: 15_000 };

export function checkWatches(options: WatchChecksOptions): Facts & { done: Promise<void> } {
  const { streams, signal, limits = defaultLimits } = options;
  const startedMs = Date.now();
  /** Since when a stream is silent although the server answers. */
  const silentMs = new Map<string, number>();
  const ageMs = ({ seenMs }: WatchedStream) => Date.now() - (seenMs() || startedMs);

  async function look(stream: WatchedStream): Promise<void> {
    const isSuspect = () => ageMs(stream) >= limits.suspectMs && !options.isPaused();
    const isAnswered = () =>
      stream.list().then(
        () => true,
        () => false,
      );
    if (!isSuspect() || !(await isAnswered()) || !isSuspect()) silentMs.delete(stream.name);
    else if (!silentMs.has(stream.name)) silentMs.set(stream.name, Date.now());
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await Promise.all(streams().map(look));
      await pause(limits.everyMs, signal);
    }
  }

  const ready = (stream: WatchedStream): Check => checkOf(stream.name, ageMs(stream), ageMs(stream) < limits.staleMs);
  const alive = (stream: WatchedStream): Check => {
    const since = silentMs.get(stream.name);
    const isDead = since !== undefined && ageMs(stream) >= limits.suspectMs && Date.now() - since >= limits.provenMs;
    return checkOf(stream.name, ageMs(stream), !isDead);
  };
  return { ready: () => streams().map(ready), alive: () => streams().map(alive), done: run() };
}

function checkOf(name: string, ageMs: number, ok: boolean): Check {
  return { name: `watch of ${name}`, ok, message: `last seen ${Math.round(ageMs / 1000)} s ago` };
}
