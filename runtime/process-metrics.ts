/**
 * Metrics of a process itself: memory, CPU time, event loop, garbage collection.
 *
 * All of them are the client library's; none is of incidents.
 */
import { collectDefaultMetrics, type Registry } from '@prometheus-io/client';

/** The library looks ten times a second, and a process at rest would spend a fifth of its time on that. */
const utilizationEveryMs = 1000;

export function collectProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register, eventLoopUtilizationTimeout: utilizationEveryMs });
}
