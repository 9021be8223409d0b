/**
 * The product beside the bare engine, in turn on the same Temporal: rate at saturation, and latency at fixed rates.
 *
 * A latency of the product counts from the write of a Pod's status to the agent's receipt; one of the bare engine from the
 * start of an execution to the receipt of its activity's call. Sets no limits.
 */
import { startBareEngine } from '../bare/bare-engine.ts';
import type { Contestant } from '../contestant.ts';
import { type Lab, openLab } from '../lab.ts';
import { startProductIn } from '../product.ts';
import { holdRate, type Outcome, saturate, type Task } from '../put-under-load.ts';
import type { Report, Size } from '../report.ts';
import { formatCpuOfOne, formatUsage } from '../usage.ts';

interface Plan {
  saturation: { rounds: number; count: number };
  rates: readonly { perSecond: number; seconds: number }[];
  held: { seconds: number; tries: number };
}

const plans: Record<Size, Plan> = {
  full: {
    saturation: { rounds: 2, count: 400 },
    rates: [
      { perSecond: 5, seconds: 30 },
      { perSecond: 20, seconds: 20 },
    ],
    held: { seconds: 60, tries: 3 },
  },
  small: {
    saturation: { rounds: 1, count: 10 },
    rates: [{ perSecond: 5, seconds: 2 }],
    held: { seconds: 2, tries: 1 },
  },
};

/** The first rate that is held for a minute, as a share of saturation; each further try takes a tenth less. */
const firstShare = 0.9;

interface Measured {
  load: string;
  bare: Outcome;
  product: Outcome;
}

export async function benchIncidents(size: Size): Promise<Report> {
  const lab = await openLab();
  try {
    const bare = await startBareEngine(lab.client, lab.temporal.address);
    const product = await startProductIn(lab);
    const measured = await measure({ lab, bare, product }, plans[size]);
    await Promise.all([bare.stop(), product.stop()]);
    return measured;
  } finally {
    await lab.close();
  }
}

interface Contest {
  lab: Lab;
  bare: Contestant;
  product: Contestant;
}

async function measure(contest: Contest, { saturation, rates, held }: Plan): Promise<Report> {
  const rounds: Measured[] = [];
  for (let round = 0; round < saturation.rounds; round += 1) {
    rounds.push(await inTurn(contest, { load: `saturation-${round}`, count: saturation.count, run: saturate }));
  }
  const bareRate = mean(rounds.map(({ bare }) => bare.perSecond));
  const productRate = mean(rounds.map(({ product }) => product.perSecond));
  const loads = [
    ...rates,
    { perSecond: Math.max(1, Math.round(productRate / 2)), seconds: rates.at(-1)?.seconds ?? 20 },
  ];
  const atRates: Measured[] = [];
  for (const { perSecond, seconds } of loads) {
    const run = (task: Task) => holdRate(task, perSecond);
    atRates.push(await inTurn(contest, { load: `rate-${perSecond}`, count: perSecond * seconds, run }));
  }
  const highest = await findHeldRate(contest, productRate, held);
  return {
    figures: {
      'bare engine': `${bareRate.toFixed(1)} executions/s at saturation`,
      'new incidents': `${productRate.toFixed(1)} /s at saturation, ${(productRate / bareRate).toFixed(2)} of the bare engine`,
      ...Object.fromEntries(atRates.flatMap(rowsOf)),
      [`held for ${held.seconds} s`]:
        highest === undefined ? 'no rate that was tried' : `${highest} incidents/s, each received once`,
      'lost, doubled': countLost([...rounds, ...atRates]),
      'CPU and memory at saturation': formatUsage(rounds.at(-1)?.product.usage ?? {}),
      'CPU of one, bare engine': cpuOfOne(rounds.at(-1)?.bare),
      'CPU of one incident': cpuOfOne(rounds.at(-1)?.product),
    },
    data: { saturation: rounds, rates: atRates, held: highest },
  };
}

interface Turn {
  load: string;
  count: number;
  run: (task: Task) => Promise<Outcome>;
}

async function inTurn({ lab, bare, product }: Contest, { load, count, run }: Turn): Promise<Measured> {
  const engines = {
    temporal: lab.temporal.pid,
    'API server': lab.cluster.apiserver.pid,
    etcd: lab.cluster.etcd.pid,
    'this bench': process.pid,
  };
  const task = { prefix: load, count, engines };
  return {
    load,
    bare: await run({ ...task, contestant: bare }),
    product: await run({ ...task, contestant: product }),
  };
}

async function findHeldRate(
  contest: Contest,
  saturation: number,
  { seconds, tries }: Plan['held'],
): Promise<number | undefined> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const perSecond = Math.max(1, Math.floor(saturation * (firstShare - attempt / 10)));
    const task = { prefix: `held-${attempt}`, count: perSecond * seconds, engines: {}, contestant: contest.product };
    const { lost, doubled, perSecond: kept } = await holdRate(task, perSecond);
    // Whoever keeps up has the last receipt shortly after the last call.
    if (lost === 0 && doubled === 0 && kept >= perSecond * 0.95) return perSecond;
  }
  return undefined;
}

function rowsOf({ load, bare, product }: Measured): [string, string][] {
  const latencyOf = ({ latency }: Outcome) => `p50 ${latency.p50Ms}, p95 ${latency.p95Ms}, p99 ${latency.p99Ms} ms`;
  const ratio = (what: 'p50Ms' | 'p99Ms') => (product.latency[what] / bare.latency[what]).toFixed(2);
  const rate = `${load.replace('rate-', '')}/s`;
  return [
    [
      `${rate}: status to receipt`,
      `${latencyOf(product)} (${ratio('p50Ms')} and ${ratio('p99Ms')} of the bare engine's p50 and p99)`,
    ],
    [`${rate}: bare start to receipt`, latencyOf(bare)],
    [`${rate}: CPU and memory`, formatUsage(product.usage)],
  ];
}

function cpuOfOne(outcome: Outcome | undefined): string {
  return outcome === undefined ? '' : formatCpuOfOne(outcome.usage, outcome.latency.count);
}

function countLost(measured: readonly Measured[]): string {
  const outcomes = measured.map(({ product }) => product);
  const sum = (what: 'lost' | 'doubled') => outcomes.reduce((total, outcome) => total + outcome[what], 0);
  return `${sum('lost')} and ${sum('doubled')} of ${outcomes.reduce((total, { latency }) => total + latency.count, 0)}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
