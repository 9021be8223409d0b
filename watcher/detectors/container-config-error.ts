/**
 * container-config-error: a container cannot be created or started with the configuration that it has.
 *
 * Nothing has run, or not for longer than its hook; the tries may show as restarts of a container that is held back, which is
 * the same trouble.
 */
import type { EventView } from '../views/event-view.ts';
import type { Detector } from './detector.ts';
import { startFailureOf } from './start-failures.ts';
import { waitingFindings } from './waiting-container.ts';

export const containerConfigError: Detector<'Pod'> = {
  type: 'container-config-error',
  summary:
    'A container has not been able to be created or started as configured for 30 seconds, also while it is held back between two tries.',
  detect: (look) =>
    waitingFindings(look, {
      failureOf: (container) => startFailureOf(look.now, container, look.events),
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
