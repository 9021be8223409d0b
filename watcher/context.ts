/**
 * What the watcher works with: what main gives it, and the parts that live as long as the process watches.
 *
 * Types only.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Health } from '../runtime/health.ts';
import type { WatcherConfig } from './config.ts';
import type { Reach } from './hooks/reach.ts';
import type { ApiServer } from './kube/api-server.ts';
import type { Checkpoint } from './leading/checkpoint.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Bell } from './loops/bell.ts';
import type { Streams } from './observing/streams.ts';
import type { EventWriter } from './recorder/write-events.ts';
import type { ExpressionFailures } from './reporting/expression-failures.ts';
import type { WatcherMetrics } from './serving/metrics.ts';
import type { OpenHandover } from './starting/handover.ts';
import type { Installation } from './starting/incident-of.ts';

export interface Watching {
  config: WatcherConfig;
  api: ApiServer;
  client: Client;
  clusterUid: string;
  /** Who holds the Lease, for people. */
  identity: string;
  log: Logger;
  signal: AbortSignal;
  health: Health;
  metrics: WatcherMetrics;
}

export interface Parts {
  installation: Installation;
  reach: Reach;
  handover: OpenHandover;
  checkpoint: Checkpoint;
  streams: Streams;
  expressionFailures: ExpressionFailures;
  ledger: Ledger;
  events: EventWriter;
  bell: Bell;
}
