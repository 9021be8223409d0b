/**
 * What the demo plays on, and what it needs to put that up.
 *
 * Types only: open-stage makes a Stage out of a Backstage; play, stay and leave use it.
 */
import type { Client } from '@temporalio/client';
import type { Run } from '../runs/open-run.ts';
import type { Server } from '../servers/start-server.ts';
import type { LocalSettings } from '../settings.ts';
import type { Kubectl } from './kubectl.ts';
import type { DemoOptions, StandInProtocol } from './options.ts';
import type { Rows } from './rows.ts';

export interface Backstage {
  options: DemoOptions;
  settings: LocalSettings;
  run: Run;
  rows: Rows;
  /** The user wants to end. */
  signal: AbortSignal;
  /** To be filled when something is made in a server of the user's; see leave.ts. */
  farewells: Farewell[];
}

/** What is left to do in servers of the user's once ours have ended. */
export interface Farewell {
  /** What the user has to do where it fails. */
  byHand: string;
  /** Resolves with a sentence for the user. */
  run: () => Promise<string>;
}

/** A stand-in for Kagent: it tells what it was asked. */
export interface StandIn {
  url: string;
  protocol: StandInProtocol;
}

export interface Stage {
  installation: string;
  client: Client;
  /** `host:port` of Temporal. */
  temporalAddress: string;
  /** Nobody is there to answer what agents ask. */
  isOnce: boolean;
  uiUrl: string;
  kubectl: Kubectl;
  /** How a user calls kubectl for this cluster. */
  kubectlCommand: string;
  /** Undefined where Kagent is the user's own. */
  standIn: StandIn | undefined;
  /** Whether the cluster is ours to make trouble in. */
  isOwnCluster: boolean;
  /** Everything that was started; none of it ends by itself. */
  servers: readonly Server[];
  /** The processes of the product, whose logs tell why an incident did not reach its agent. */
  products: readonly Server[];
}
