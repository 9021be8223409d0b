/**
 * How each occurrence of a batch has ended, from what became of the batch.
 *
 * Pure; every occurrence ends in exactly one way.
 */
import type { IncidentType } from '../../workflows/contract/hook.ts';
import type { Ending } from '../ledger/account.ts';
import { countOf, type Item, type Occurred } from './line.ts';
import type { StartResult } from './start.ts';

/** Where it was refused, with the reason. */
export type Ended = { ending: Exclude<Ending, 'too-old'> } | { ending: 'refused'; reason: string };

/** The first of a batch that its last run did not know starts; the others join what it started. */
export function endingsOf(result: StartResult, batch: readonly Item[]): { ended: Ended; type: IncidentType }[] {
  const known = new Set(result.outcome === 'refused' ? [] : result.known);
  const isKnown = ({ incident }: Occurred) => known.has(incident.occurrence.id);
  const occurred = batch.filter((item) => item.kind === 'occurred');
  const first = occurred.find((item) => !isKnown(item));
  return occurred.flatMap((item) =>
    Array.from({ length: countOf(item) }, (_, n) => ({
      ended: isKnown(item) ? { ending: 'already-handled' } : endingOf(result, item === first && n === 0),
      type: item.incident.type,
    })),
  );
}

function endingOf(result: StartResult, isFirst: boolean): Ended {
  if (result.outcome === 'refused') return { ending: 'refused', reason: result.reason };
  return { ending: result.outcome === 'started' && !isFirst ? 'joined' : result.outcome };
}
