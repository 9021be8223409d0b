/** What can be put under load: the bare engine, or the product on the same engine. */
import type { Processes } from './usage.ts';

export interface Contestant {
  name: string;
  /** Its own processes; Temporal and the cluster are counted apart. */
  processes: Processes;
  /** Makes what has to be there before these are fired, such as Pods that run. */
  prepare: (names: readonly string[]) => Promise<void>;
  /** The moment that counts: the start of an execution, or the write of a Pod's status. */
  fire: (name: string) => Promise<unknown>;
  receipts: () => Promise<{ about: string; atMs: number }[]>;
  stop: () => Promise<void>;
}
