/**
 * What is needed to open the system that the demo shows. Types only.
 */
import type { Run } from '../../runs/open-run.ts';
import type { LocalSettings } from '../../settings.ts';
import type { DemoOptions, StandInProtocol } from '../options.ts';
import type { Rows } from '../rows.ts';

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
