/**
 * How much memory V8 may hold that nothing is kept in, in all threads of this process.
 *
 * By itself it lets a heap of this size double or more between two full collections, and gives back little of it; most of that
 * would be garbage of lists and histories. Both are to be called first, before there is much of a heap.
 */
import { setFlagsFromString } from 'node:v8';

/** Of what was alive after the last collection. Less would be collected more often; `npm run bench -- quiet-scale` shows the memory. */
const growingPercent = 30;

export function limitHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${growingPercent}`);
}

/**
 * After each full collection, pages that are free go back to the system; by itself V8 keeps some tens of MiB of them for later.
 * Costs more where much is allocated all the time: for a process that mostly waits.
 */
export function giveBackFreePages(): void {
  setFlagsFromString('--optimize-for-size');
}
