/** The double of Kagent answers as real controllers and agents were recorded to, or tests against it would prove nothing. */
import { describe, expect, it } from 'vitest';
import { type DoubleAgent, type KagentDoubleOptions, startKagentDouble } from '../kagent-double/start-kagent-double.ts';
import { readTranscript } from '../transcripts/read-transcript.ts';
import { recordedRows, releaseOf, type SituationName } from '../transcripts/recorded-situations.ts';
import { recordedOutcome, replayTranscript } from '../transcripts/replay-transcript.ts';
import { situations } from '../transcripts/situations.ts';

const agents: DoubleAgent[] = [
  { namespace: 'kagent', name: 'go-agent', runtime: 'go' },
  { namespace: 'kagent', name: 'tool-agent', runtime: 'go' },
  { namespace: 'kagent', name: 'tmp-agent', runtime: 'go' },
  { namespace: 'kagent', name: 'py-agent', runtime: 'python' },
  { namespace: 'kagent', name: 'py-tool-agent', runtime: 'python' },
  { namespace: 'kagent', name: 'byo-agent', runtime: 'byo' },
];

const behindProxy = [
  'basic',
  'jwt-expired',
  'jwt-no-sub',
  'jwt-ok',
  'jwt-plus-x-user-id',
  'lowercase-bearer',
  'no-header',
]
  .concat('opaque-token', 'three-parts-garbage', 'x-user-id-only')
  .map((name) => `60-trusted-proxy-${name}`)
  .concat(
    ['agents', 'card', 'health', 'root', 'seed', 'unknown-agent', 'version'].map(
      (name) => `61-trusted-proxy-unauth-${name}`,
    ),
  );

async function compare(name: string, situation: SituationName, options: KagentDoubleOptions = {}): Promise<void> {
  const transcript = readTranscript(name);
  const submittedMs = situation === 'submitted' ? 1_000 : 5;
  const answer = () => 'plain answer';
  const double = await startKagentDouble({
    release: releaseOf(name),
    agents,
    runMs: 20,
    submittedMs,
    answer,
    ...options,
  });
  try {
    const agent = /(go|py|tool|py-tool|byo|tmp)-agent/.exec(`${transcript.request.path} ${name}`)?.[0] ?? 'tmp-agent';
    const ids = await situations[situation]({ double, agent });
    expect(await replayTranscript(double.url, transcript, ids)).toEqual(recordedOutcome(transcript));
  } finally {
    await double.stop();
  }
}

describe('the double of Kagent', () => {
  it.concurrent.each(recordedRows)('with %s, answers as in %s', (situation, name) => compare(name, situation));

  it.concurrent.each(behindProxy)('behind a proxy, answers as in %s', (name) =>
    compare(name, 'nothing', { auth: { mode: 'trusted-proxy' } }),
  );
});
