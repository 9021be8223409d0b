/**
 * What a detector is: a pure function from what is true of a Pod now to the occurrences that can be read off it.
 *
 * Detectors ask nothing of the world. They say everything that is visible, also what was said before; what is new is
 * decided by the occurrences' ids. So a missed update hides nothing, and a repeated one adds nothing.
 */
import type { IncidentType } from '../../workflows/contract/hook.ts';
import type { Occurrence } from '../../workflows/contract/incident.ts';
import type { PodView } from '../pod-view.ts';

/** How long a state must hold before it is an incident. */
export interface Thresholds {
  pendingAfterMs: number;
  unreadyAfterMs: number;
}

/** One Pod, as it was handed over last (if ever) and as it is now, at one moment of the watcher's clock. */
export interface Sight {
  before: PodView | undefined;
  now: PodView;
  clockMs: number;
  thresholds: Thresholds;
}

export interface Finding {
  type: IncidentType;
  /** `edge`: it happened at a moment. `state`: it is true, and will stop being true. */
  nature: 'edge' | 'state';
  container?: string;
  occurrence: Occurrence;
}

export interface Detection {
  findings: Finding[];
  /** When to look again although nothing changed: a state that is true has not held for long enough yet. */
  dueMs?: number;
}

export interface Detector {
  type: IncidentType;
  /** One sentence for the catalogue in the README. */
  summary: string;
  detect: (sight: Sight) => Detection;
}

/** Characters of text from the cluster that an occurrence carries; the whole stays in the cluster. */
const messageLimit = 1024;

/** Text from the cluster, cut so that nothing downstream has to care about its size; never cut within a character. */
export function bounded(message: string): string {
  if (message.length <= messageLimit) return message;
  const cut = message.slice(0, messageLimit - 1);
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`;
}

/** RFC 3339 in UTC with whole seconds, the form in which an agent is told times; `fallbackMs` where there is none. */
export function wholeSeconds(time: string | undefined, fallbackMs: number): string {
  const ms = time === undefined ? Number.NaN : Date.parse(time);
  return `${new Date(Number.isNaN(ms) ? fallbackMs : ms).toISOString().slice(0, 19)}Z`;
}
