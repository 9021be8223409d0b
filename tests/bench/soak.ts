/**
 * `npm run soak -- --minutes 30`: a steady load with faults; ends with 1 when memory, open files or latency grow after warm-up,
 * or when an incident was lost or asked about twice.
 *
 * The processes under test run through: faults hit what they speak to. Run by people, and small by a test.
 */
import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Contestant } from './contestant.ts';
import { type Allowed, type Growth, growthOf } from './growth.ts';
import { type Lab, openLab } from './lab.ts';
import { startProductIn } from './product.ts';
import { holdRate } from './put-under-load.ts';
import { memoryMiB } from './usage.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '5' },
    /** Seconds in one round: its load, and one fault in every second one. */
    round: { type: 'string', default: '30' },
  },
});

/** Short, so that as many executions end as begin, soon after the start. */
const quietWindow = '30s';
/** Share of the rounds that are warm-up. */
const warmUpShare = 0.25;
const faultMs = 3000;

const limits: readonly { what: keyof Round; allowed: Allowed }[] = [
  { what: 'watcherMiB', allowed: { percent: 5, least: 4 } },
  { what: 'workerMiB', allowed: { percent: 5, least: 4 } },
  { what: 'watcherFiles', allowed: { percent: 5, least: 3 } },
  { what: 'workerFiles', allowed: { percent: 5, least: 3 } },
  { what: 'latencyMs', allowed: { percent: 5, least: 5 } },
];

interface Round {
  watcherMiB: number;
  workerMiB: number;
  watcherFiles: number;
  workerFiles: number;
  /** p99 from status to receipt; undefined where a fault made calls late on purpose. */
  latencyMs: number | undefined;
  lost: number;
  doubled: number;
}

interface Fault {
  name: string;
  signal: (signal: NodeJS.Signals) => void;
}

/** What the processes speak to stands still for a while, as in a pause of its machine. */
function faultsOf({ temporal, cluster }: Lab): Fault[] {
  return [
    { name: 'Temporal stands still', signal: (signal) => temporal.signal(signal) },
    { name: 'the API server stands still', signal: (signal) => cluster.apiserver.signal(signal) },
  ];
}

async function soak(lab: Lab): Promise<Round[]> {
  const product = await startProductIn(lab, { watcher: { QUIET_WINDOW: quietWindow } });
  const count = Math.max(2, Math.round((Number(values.minutes) * 60) / Number(values.round)));
  const faults = faultsOf(lab);
  const rounds: Round[] = [];
  for (let n = 0; n < count; n += 1) {
    const fault = n % 2 === 1 ? faults[((n - 1) / 2) % faults.length] : undefined;
    const round = await runRound({ lab, product }, `soak-${n}`, fault);
    rounds.push(round);
    console.log(`${n + 1}/${count} ${JSON.stringify(round)}${fault === undefined ? '' : ` ${fault.name}`}`);
  }
  await product.stop();
  return rounds;
}

async function inject({ signal }: Fault): Promise<void> {
  signal('SIGSTOP');
  await delay(faultMs);
  signal('SIGCONT');
}

async function runRound(
  { lab, product }: { lab: Lab; product: Contestant },
  prefix: string,
  fault: Fault | undefined,
): Promise<Round> {
  const perSecond = Number(values.rate);
  const count = Math.max(1, Math.round(perSecond * Number(values.round)));
  const { watcher, worker } = product.processes;
  const { latency, lost, doubled } = await holdRate(
    { contestant: product, prefix, count, engines: {}, ...(fault !== undefined && { meanwhile: () => inject(fault) }) },
    perSecond,
  );
  await Promise.all(Array.from({ length: count }, (_, n) => lab.actions.deletePod(lab.installation, `${prefix}-${n}`)));
  return {
    watcherMiB: await memoryMiB(watcher, 'VmRSS'),
    workerMiB: await memoryMiB(worker, 'VmRSS'),
    watcherFiles: await openFiles(watcher),
    workerFiles: await openFiles(worker),
    latencyMs: fault === undefined ? latency.p99Ms : undefined,
    lost,
    doubled,
  };
}

async function openFiles(pid: number | undefined): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`).catch(() => [])).length;
}

function checkRounds(rounds: readonly Round[]): number {
  const warm = rounds.slice(Math.ceil(rounds.length * warmUpShare));
  const growths = limits.flatMap(({ what, allowed }): Growth[] => {
    const samples = warm.flatMap((round) => round[what] ?? []);
    const growth = growthOf(what, samples, allowed);
    return growth === undefined ? [] : [growth];
  });
  for (const { what, early, late, percent, isTooMuch } of growths) {
    console.log(`${what.padEnd(14)} ${early} → ${late} (${percent} %)${isTooMuch ? ' GROWS' : ''}`);
  }
  const wrong = rounds.reduce((total, { lost, doubled }) => total + lost + doubled, 0);
  console.log(`${wrong} incidents lost or asked about twice`);
  return wrong > 0 || growths.some(({ isTooMuch }) => isTooMuch) ? 1 : 0;
}

const lab = await openLab();
try {
  process.exitCode = checkRounds(await soak(lab));
} finally {
  await lab.close();
}
