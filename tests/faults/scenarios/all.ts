/** Every fault, in the order of the tables of the documentation. */
import type { Scenario } from '../scenario.ts';
import { agentScenarios } from './agents.ts';
import { clusterScenarios } from './cluster.ts';
import { foreignEventScenarios } from './foreign-events.ts';
import { hostileScenarios } from './hostile-objects.ts';
import { loadScenarios } from './loads.ts';
import { processScenarios } from './processes.ts';
import { serverScenarios } from './servers.ts';

/** What one namespace can do to another. */
export const neighbourScenarios: readonly Scenario[] = [
  ...hostileScenarios,
  ...foreignEventScenarios,
  ...loadScenarios,
];

export const allScenarios: readonly Scenario[] = [
  ...processScenarios,
  ...serverScenarios,
  ...agentScenarios,
  ...clusterScenarios,
  ...neighbourScenarios,
];
