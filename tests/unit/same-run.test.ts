/** A run of a container whose record comes late or goes is the same run: one occurrence, one fact. */
import { describe, expect, it } from 'vitest';
import { play } from '../../watcher/dry-run/play.ts';
import type { RecordedChange } from '../../watcher/dry-run/read-recording.ts';
import { aHook, at, noon } from '../make.ts';

const minutes = (count: number) => noon + count * 60_000;
const record = { exitCode: 1, reason: 'Error', startedAt: at(0), finishedAt: at(60), containerID: 'containerd://a0' };
const oom = { ...record, exitCode: 137, reason: 'OOMKilled' };

let version = 0;

/** The first look is at a Pod that runs for the first time. */
function change(atMs: number, restartCount: number, terminated?: object): RecordedChange {
  version += 1;
  const container = {
    name: 'app',
    ready: true,
    restartCount,
    containerID: `containerd://a${restartCount}`,
    state: { running: { startedAt: at(restartCount * 60) } },
    lastState: terminated === undefined ? {} : { terminated },
  };
  const metadata = { name: 'web-0', namespace: 'shop', uid: 'pod-uid', resourceVersion: String(version) };
  return {
    atMs,
    type: restartCount === 0 ? 'ADDED' : 'MODIFIED',
    kind: 'Pod',
    object: {
      metadata,
      spec: { restartPolicy: 'Always' },
      status: { phase: 'Running', containerStatuses: [container] },
    },
  };
}

/** Type and number of occurrences of each incident. */
function announced(changes: RecordedChange[], types = ['pod-restart']): string[] {
  const recording = { changes: [change(noon, 0), ...changes], fromMs: noon };
  const { incidents } = play(recording, { hooks: [aHook(types)], namesHooks: true, untilMs: minutes(600) });
  return incidents.map(({ incidentType, occurrences, cause }) => `${incidentType} x${occurrences} ${cause}`);
}

describe('one run of a container', () => {
  it.each<[string, RecordedChange[], string]>([
    ['whose record never was', [change(minutes(1), 1), change(minutes(30), 1)], 'pod-restart x1 unknown'],
    ['whose record goes', [change(minutes(1), 1, record), change(minutes(30), 1)], 'pod-restart x1 exit-code'],
    ['whose record comes', [change(minutes(1), 1), change(minutes(30), 1, record)], 'pod-restart x1 exit-code'],
    [
      'whose record comes and goes',
      [change(minutes(1), 1), change(minutes(30), 1, record), change(minutes(60), 1), change(minutes(90), 1, record)],
      'pod-restart x1 exit-code',
    ],
  ])('%s occurs once', (_, changes, expected) => {
    expect(announced(changes)).toEqual([expected]);
  });

  it('whose record comes later and says OOMKilled starts no second agent of the same Hook, but updates the first one', () => {
    const changes = [change(minutes(1), 1), change(minutes(30), 1, oom)];
    expect(announced(changes, ['pod-restart', 'oom-kill'])).toEqual(['pod-restart x1 oom']);
  });

  it('is not the next one, with or without a record', () => {
    const next = { ...record, containerID: 'containerd://a1', finishedAt: at(1860) };
    expect(announced([change(minutes(1), 1), change(minutes(31), 2)])).toHaveLength(2);
    expect(announced([change(minutes(1), 1, record), change(minutes(31), 2)])).toHaveLength(2);
    expect(announced([change(minutes(1), 1), change(minutes(31), 2, next)])).toHaveLength(2);
  });

  it('that was recorded is not taken for another one of the same number, as after a reboot that resets the count', () => {
    const other = { ...record, containerID: 'containerd://b0', finishedAt: at(1860) };
    expect(announced([change(minutes(1), 1, record), change(minutes(31), 1, other)])).toHaveLength(2);
  });

  it('that was over when the watcher came is no news', () => {
    const late = { ...change(minutes(60), 1), type: 'ADDED' as const };
    const recording = { changes: [late], fromMs: minutes(60) };
    expect(play(recording, { hooks: [aHook(['pod-restart'])], namesHooks: true }).incidents).toEqual([]);
  });
});
