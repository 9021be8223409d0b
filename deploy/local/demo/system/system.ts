/**
 * The running system that the demo shows, and what is needed to open it. Types only.
 */
import type { Client } from '@temporalio/client';
import type { Run } from '../../runs/open-run.ts';
import type { Server } from '../../servers/start-server.ts';
import type { LocalSettings } from '../../settings.ts';
import type { DemoOptions, StandInProtocol } from '../options.ts';
import type { Rows } from '../rows.ts';
import type { Kubectl } from './kubectl.ts';

export interface Opening {
  options: DemoOptions;
  settings: LocalSettings;
  run: Run;
  rows: Rows;
  /** The user wants to end. */
  signal: AbortSignal;
  /** Filled when something is made in a server of the user's. */
  cleanUps: CleanUp[];
}

/** Takes away what was made in a server of the user's; runs once our own processes have ended. */
export interface CleanUp {
  /** What the user has to do where it fails. */
  byHand: string;
  /** Resolves with a sentence for the user. */
  run: () => Promise<string>;
}

/** A stand-in for Kagent; its admin endpoints list what it received. */
export interface StandIn {
  url: string;
  protocol: StandInProtocol;
}

export interface LocalSystem {
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
  /** Worker and watcher, whose logs say why an incident did not reach its agent. */
  productServers: readonly Server[];
}
