/**
 * How far the heap of this process may grow between two full collections, those of its threads included.
 *
 * V8 lets a heap of this size double or more, and gives back little of it; most of that would be garbage of lists and
 * histories.
 */
import { setFlagsFromString } from 'node:v8';

/** Of what was alive after the last collection. Less would be collected more often; `npm run bench -- quiet-scale` shows the memory. */
const growingPercent = 30;

/** To be called first, before there is much of a heap. */
export function limitHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${growingPercent}`);
}
