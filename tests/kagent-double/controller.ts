/**
 * What the parts of a controller share: its release, the agents, the database, who may ask.
 *
 * Made by `start-kagent-double.ts`. A controller keeps nothing of its own, so a stop and a start change nothing here.
 */
import type { Database } from './database.ts';
import type { Agents } from './keep-agents.ts';
import type { Auth, Release } from './options.ts';

export interface Controller {
  release: Release;
  agents: Agents;
  database: Database;
  auth: Auth | undefined;
  /** Milliseconds that a call to an agent may take. */
  callLimitMs: number | undefined;
  /** Just started: agents have no routes yet. */
  isStarting: () => boolean;
  url: () => string;
}
