/**
 * A run on a double that waits for people, as the port sees it, and answers to it as people give them.
 */
import type { AgentPort } from '../../activities/agents/port.ts';
import type { AgentRun, RunPause } from '../../workflows/contract/agent-run.ts';
import type { RunAnswer } from '../../workflows/contract/plain/answer.ts';
import { checkAnswer } from '../../workflows/contract/plain/check-answer.ts';
import { aDelivery } from '../fake-kagent/a-delivery.ts';
import type { KagentDoubleOptions, Release, Runtime } from '../kagent-double/start-kagent-double.ts';
import { waitFor } from '../wait-for.ts';
import { aDouble } from './a-double.ts';
import { type A2aProtocol, anAdapter, of, theAgent } from './an-adapter.ts';

export interface Kind {
  release: Release;
  runtime: Runtime;
}

/** Every release with each of its runtimes, which differ in how they take answers. */
export const kinds: Kind[] = [
  ...(['0.8.6', '0.9.12', '0.10'] as const).flatMap((release) =>
    (['go', 'python'] as const).map((runtime) => ({ release, runtime })),
  ),
  { release: '1.0', runtime: 'go' },
];

export const protocolOf = ({ release }: Pick<Kind, 'release'>): A2aProtocol =>
  release === '1.0' ? 'kagent-1' : 'kagent-0';

export async function aPausedRun({ release, runtime }: Kind, prompt: string, options: KagentDoubleOptions = {}) {
  const double = await aDouble({ release, runMs: 5, agents: [{ ...theAgent, runtime }], ...options });
  const agent = anAdapter(protocolOf({ release }), { url: double.url, credentials: { timeoutMs: 300 } });
  const idempotencyKey = crypto.randomUUID();
  const delivery = aDelivery({ prompt, agent: theAgent });
  const run = await agent.start(delivery, { idempotencyKey, signal: AbortSignal.timeout(10_000) });
  const pause = await untilPaused(agent, run);
  const ended = async () => {
    const ending = await waitFor('the end of the run', async () => {
      const reading = await agent.look(of(run));
      return reading.state === 'ended' ? reading.ending : undefined;
    });
    return ending;
  };
  return { double, agent, run, pause, ended, toolsRun: () => double.runs.flatMap((each) => each.toolsRun) };
}

export async function untilPaused(agent: AgentPort, run: AgentRun, before?: string): Promise<RunPause> {
  const pause = await waitFor('the pause', async () => {
    const reading = await agent.look(of(run));
    return reading.state === 'paused' && reading.pause.id !== before ? reading.pause : undefined;
  });
  return pause;
}

/** What a person has sent, read as the workflow reads it. */
export function answerOf(pause: RunPause, sent: object): RunAnswer {
  const checked = checkAnswer(pause, { pause: pause.id, by: 'alice', ...sent });
  if ('refusal' in checked) throw new Error(checked.refusal);
  return checked.answer;
}
