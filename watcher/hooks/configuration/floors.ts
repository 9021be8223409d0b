/**
 * The least that Hooks get of the times they may set: a Hook that wants less gets that, and says so.
 *
 * Pure. A slip such as `repeatAfter: 1s` must not ask an agent every second, nor keep the agents of other namespaces waiting;
 * the operator decides how little is too little.
 */
import { durationMs, writeDuration } from '../../../workflows/contract/plain/duration.ts';

/** Fields of an event configuration, and what the operator sets for them. */
const settings = { quietWindow: 'MIN_QUIET_WINDOW', repeatAfter: 'MIN_REPEAT_AFTER', after: 'MIN_AFTER' } as const;
type Field = keyof typeof settings;

/** In milliseconds. */
export type Floors = Readonly<Record<Field, number>>;

/** Where the operator has set nothing, as for Hooks of a file. */
export const usualFloors: Floors = { quietWindow: 1000, repeatAfter: 60_000, after: 1000 };

/** A sentence for each time that is used otherwise than it is written. */
export function describeRaised(written: Partial<Record<Field, string | undefined>>, floors: Floors): string[] {
  const fields: Field[] = ['quietWindow', 'repeatAfter', 'after'];
  return fields.flatMap((field) => {
    const text = written[field];
    if (text === undefined || durationMs(text) >= floors[field]) return [];
    const least = writeDuration(floors[field]);
    return [`${field} "${text}" is less than ${settings[field]} of the controller allows; ${least} is used.`];
  });
}
