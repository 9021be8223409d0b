/** One fault: what is done to whom, and which watchers are there in the end. */
import type { ProductServer } from '../../deploy/local/start-product.ts';
import type { Stage } from './stage.ts';

export interface Scenario {
  /** A sentence's worth, for the table. */
  name: string;
  /** Makes trouble and the fault, and resolves when everything works again, with the watchers that are to be stopped. */
  run: (stage: Stage) => Promise<readonly ProductServer[]>;
  /** Memory that a watcher may need for so much trouble, in MiB, where it is more than for a small cluster. */
  mostMiB?: number;
  /** So much trouble that nothing else may run beside it, or the neighbour would wait for that. */
  needsWholeMachine?: true;
}
