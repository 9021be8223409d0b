/**
 * container-config-error: a container cannot be created or started with the configuration that it has.
 *
 * Called through the list in index.ts. Never a restart: nothing ran yet.
 */
import type { EventView } from '../views/event-view.ts';
import type { Detector } from './detector.ts';
import { configurationReasons } from './not-started.ts';
import { waitingFindings } from './waiting-container.ts';

export const containerConfigError: Detector<'Pod'> = {
  type: 'container-config-error',
  watches: 'Pod',
  summary: 'A container has waited for 30 seconds because it cannot be created or started as configured.',
  detect: (sight) =>
    waitingFindings(sight, {
      type: 'container-config-error',
      reasons: configurationReasons,
      cause: 'config',
      idOf: (_, reason) => `config/${reason}`,
      causeOf: causeOfSilence,
      what: ({ name }) => `Container ${name} cannot be created or started`,
    }),
};

/** A failed hook, for one, leaves its words in the status or in an Event, as the version of the kubelet has it. */
function causeOfSilence(message: string, warnings: readonly EventView[]): string | undefined {
  return message === '' ? warnings.findLast(({ reason }) => reason !== 'BackOff')?.message : undefined;
}
