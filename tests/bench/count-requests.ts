/**
 * Requests that the API server and Temporal got between two looks, as both count them.
 *
 * Reads their metrics; everybody's requests are counted, so a cell leaves out what it sends itself by what it asks for.
 */
import type { Lab } from './lab.ts';

/** One series of a metric: its labels as they stand in the text, and its value. */
interface Sample {
  labels: string;
  value: number;
}

export interface Requests {
  /** Of the API server: requests whose labels hold this text. */
  api: (holding: string) => number;
  /** Of Temporal's frontend, by operation. */
  temporal: Map<string, number>;
}

/** Begins to count; the function that it returns gives what came since. */
export async function countRequests(lab: Lab): Promise<() => Promise<Requests>> {
  const before = await look(lab);
  return async () => {
    const after = await look(lab);
    return {
      api: (holding) => sumOf(after.api, holding) - sumOf(before.api, holding),
      temporal: differenceOf(before.temporal, after.temporal),
    };
  };
}

async function look(lab: Lab): Promise<{ api: Sample[]; temporal: Sample[] }> {
  const [api, temporal] = await Promise.all([lab.kubectl('get', '--raw', '/metrics'), lab.temporalMetrics()]);
  const isFrontend = ({ labels }: Sample) => labels.includes('service_name="frontend"');
  return {
    api: samplesOf(api, 'apiserver_request_total'),
    temporal: samplesOf(temporal, 'service_requests').filter(isFrontend),
  };
}

export function samplesOf(text: string, metric: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith(`${metric}{`)) return [];
    const end = line.lastIndexOf('}');
    return [{ labels: line.slice(metric.length + 1, end), value: Number(line.slice(end + 1)) }];
  });
}

function sumOf(samples: readonly Sample[], holding: string): number {
  return samples.reduce((total, { labels, value }) => (labels.includes(holding) ? total + value : total), 0);
}

function differenceOf(before: readonly Sample[], after: readonly Sample[]): Map<string, number> {
  const operations = new Set(after.map(({ labels }) => /operation="(\w+)"/.exec(labels)?.[1] ?? ''));
  return new Map(
    [...operations].map((name) => [name, sumOf(after, `operation="${name}"`) - sumOf(before, `operation="${name}"`)]),
  );
}
