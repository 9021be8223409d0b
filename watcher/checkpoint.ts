/**
 * The checkpoint: up to which moment everything that was seen has reached Temporal. Kept in a Lease.
 *
 * Called by main: read before the first watch, advanced every few seconds after. A watcher that starts later judges by it
 * which edges are news. Never passes what still waits to be handed over.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type ApiServer, KubeError } from './kube/api-server.ts';

const installedAt = 'kagent.dev/installed-at';
const checkpoint = 'kagent.dev/checkpoint';

/** Clocks of nodes, API server and watcher may differ by this much; what is found twice is covered. */
const skewMs = 2 * 60_000;

const Lease = z.object({ metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }) });

export interface CheckpointOptions {
  api: ApiServer;
  namespace: string;
  name: string;
  identity: string;
}

export interface Checkpoint {
  /** Edges from this moment on are news, in milliseconds: the last checkpoint less skew, or the installation. */
  edgesFromMs: number;
  /** Writes a later checkpoint; an earlier one than before is left out. */
  advance: (toMs: number) => Promise<void>;
}

export async function openCheckpoint(options: CheckpointOptions): Promise<Checkpoint> {
  const annotations = await readOrCreate(options);
  const nowMs = Date.now();
  const installedMs = pastMs(annotations[installedAt], nowMs);
  const lastMs = pastMs(annotations[checkpoint], nowMs);
  const edgesFromMs = Math.max(installedMs ?? 0, (lastMs ?? 0) - skewMs) || nowMs;
  const installed = new Date(installedMs ?? edgesFromMs).toISOString();
  let written = lastMs ?? 0;
  return {
    edgesFromMs,
    advance: async (toMs) => {
      if (toMs <= written) return;
      await write(options, { [installedAt]: installed, [checkpoint]: new Date(toMs).toISOString() });
      written = toMs;
    },
  };
}

/** A moment that was written down; a clock that went wrong once must not make everything until then old. */
function pastMs(written: string | undefined, nowMs: number): number | undefined {
  const ms = Date.parse(written ?? '');
  return Number.isNaN(ms) ? undefined : Math.min(ms, nowMs);
}

async function readOrCreate(options: CheckpointOptions): Promise<Record<string, string>> {
  for (;;) {
    try {
      return Lease.parse(await options.api.json({ path: pathOf(options) })).metadata.annotations;
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 404) throw error;
    }
    try {
      return await createLease(options, { [installedAt]: new Date().toISOString() });
    } catch (error) {
      // Another watcher made it between our look and our write; what it wrote counts.
      if (!(error instanceof KubeError) || error.status !== 409) throw error;
      await delay(100);
    }
  }
}

/** A Lease that somebody has deleted is made again: without it, the next watcher would take all edges for old. */
async function write(options: CheckpointOptions, annotations: Record<string, string>): Promise<void> {
  try {
    await patchLease(options, annotations);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 404) throw error;
    await createLease(options, annotations);
  }
}

async function createLease(
  options: CheckpointOptions,
  annotations: Record<string, string>,
): Promise<Record<string, string>> {
  await options.api.json({
    method: 'POST',
    path: pathOf({ ...options, name: '' }).replace(/\/$/, ''),
    body: {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: options.name, namespace: options.namespace, annotations },
      spec: leaseSpec(options.identity),
    },
  });
  return annotations;
}

async function patchLease(options: CheckpointOptions, annotations: Record<string, string>): Promise<void> {
  await options.api.json({
    method: 'PATCH',
    path: pathOf(options),
    contentType: 'application/merge-patch+json',
    body: { metadata: { annotations }, spec: leaseSpec(options.identity) },
  });
}

function leaseSpec(identity: string) {
  return { holderIdentity: identity, renewTime: new Date().toISOString().replace(/\.(\d{3})Z$/, '.$1000Z') };
}

function pathOf({ namespace, name }: { namespace: string; name: string }): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
}
