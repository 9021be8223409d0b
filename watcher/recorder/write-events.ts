/**
 * Writes Kubernetes Events: one after the other, within a rate for each object, best effort.
 *
 * An Event that exists already becomes a series when it has happened again. What cannot be written is counted and forgotten:
 * work never fails, and never waits, because of an Event.
 */
import type { Logger } from 'pino';
import { type ApiServer, KubeError } from '../kube/api-server.ts';
import { pathOf } from '../kube/path-of.ts';
import { eventNameOf, kubeEventOf, type NewEvent, seriesOf } from './kube-event.ts';

export type Written = 'written' | 'dropped' | 'failed';

export type EventWriter = ReturnType<typeof createEventWriter>;

export interface EventWriterOptions {
  api: ApiServer;
  /** Of this watcher, for people. */
  identity: string;
  log: Logger;
  signal: AbortSignal;
  onWritten?: (what: Written) => void;
  nowMs?: () => number;
}

/** Events at once about one object, and after how long one more; like the limits of Kubernetes' own clients. */
const burst = 25;
const oneMoreEveryMs = 10_000;
/** Waiting Events; above, the API server is too slow for them. */
const queueLimit = 500;
/** Objects whose rates are kept. */
const bucketLimit = 10_000;

export function createEventWriter(options: EventWriterOptions) {
  const { log, signal, onWritten = () => undefined, nowMs = Date.now } = options;
  const allows = createRate(nowMs);
  const queue: NewEvent[] = [];
  let isBusy = false;

  async function drain(): Promise<void> {
    isBusy = true;
    for (let event = queue.shift(); event !== undefined && !signal.aborted; event = queue.shift()) {
      try {
        await put(options, event);
        onWritten('written');
      } catch (error) {
        onWritten('failed');
        log.debug({ reason: event.reason, error: String(error) }, 'a Kubernetes Event could not be written');
      }
    }
    isBusy = false;
  }

  return {
    write: (event: NewEvent) => {
      if (queue.length >= queueLimit || !allows(event.regarding.uid)) {
        onWritten('dropped');
        return;
      }
      queue.push(event);
      if (!isBusy) void drain();
    },
  };
}

/** A bucket of tokens for each object. */
function createRate(nowMs: () => number): (uid: string) => boolean {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return (uid) => {
    const now = nowMs();
    const { tokens, atMs } = buckets.get(uid) ?? { tokens: burst, atMs: now };
    const filled = Math.min(burst, tokens + (now - atMs) / oneMoreEveryMs);
    buckets.delete(uid);
    if (buckets.size >= bucketLimit) buckets.clear();
    buckets.set(uid, { tokens: filled >= 1 ? filled - 1 : filled, atMs: now });
    return filled >= 1;
  };
}

async function put({ api, identity }: EventWriterOptions, event: NewEvent): Promise<void> {
  const path = pathOf('apis', 'events.k8s.io', 'v1', 'namespaces', event.regarding.namespace, 'events');
  try {
    await api.json({ method: 'POST', path, body: kubeEventOf(event, identity) });
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 409) throw error;
    if (event.series === undefined) return; // written before, by us or by another watcher
    await api.json({
      method: 'PATCH',
      path: path + pathOf(eventNameOf(event)),
      contentType: 'application/merge-patch+json',
      body: { series: seriesOf(event.series) },
    });
  }
}
