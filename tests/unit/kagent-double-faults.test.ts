/** The double of Kagent spoils its replies as its script says, and only those. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { aDouble } from '../kagent-double/a-double.ts';
import { call, get, rest, send } from '../kagent-double/ask-double.ts';
import { type ScriptStep } from '../kagent-double/start-kagent-double.ts';
import { waitFor } from '../wait-for.ts';

type Fault = NonNullable<ScriptStep['fault']>;

const answered: [fault: Fault, status: number, text: RegExp, runs: number][] = [
  [{ kind: 'answer', status: 503, headers: { 'Retry-After': '7' }, body: 'busy' }, 503, /^busy$/, 0],
  [{ kind: 'answer', status: 502, body: { error: 'x' }, isHandled: true }, 502, /^\{"error":"x"\}$/, 1],
  [{ kind: 'empty-200' }, 200, /^$/, 0],
  [{ kind: 'html' }, 200, /^<html>/, 0],
  [{ kind: 'wrong-id' }, 200, /^\{"jsonrpc":"2.0","id":"(?!q")/, 1],
  [{ kind: 'empty-object' }, 200, /^\{\}$/, 0],
  [{ kind: 'broken-utf8' }, 200, /\ufffd/, 1],
  [{ kind: 'redirect' }, 307, /^$/, 0],
  [{ kind: 'rpc-error', code: -32001, message: 'gone' }, 200, /"id":"q","error":\{"code":-32001,"message":"gone"\}/, 0],
  [{ kind: 'masked' }, 200, /-32603,"message":"failed to decode response: json: cannot unmarshal object/, 1],
  [{ kind: 'not-accepted' }, 200, /"reason":"KAGENT_SEND_NOT_ACCEPTED","retryAfterMs":"100"/, 0],
  [{ kind: 'big-body', bytes: 1_000_000 }, 200, /x{1000}/, 0],
];
const unanswered: [fault: Fault, runs: number][] = [
  [{ kind: 'cut-before' }, 0],
  [{ kind: 'cut-after' }, 1],
  [{ kind: 'cut-mid-reply' }, 1],
];
const silent: [fault: Fault, runs: number][] = [
  [{ kind: 'hang' }, 0],
  [{ kind: 'hang', isHandled: true }, 1],
];

describe('a fault of the double', () => {
  it.each(answered)('$kind: answers %j with %i', async (fault, status, text, runs) => {
    const double = await aDouble();
    double.script([{ fault }]);
    expect(await send(double, 'x')).toMatchObject({ status, text: expect.stringMatching(text) });
    expect(double.runs).toHaveLength(runs);
    expect((await send(double, 'x')).task.status.state).toBe('completed');
  });

  it.each(unanswered)('%j ends the connection', async (fault, runs) => {
    const double = await aDouble();
    double.script([{ fault }]);
    await expect(send(double, 'x')).rejects.toThrow();
    expect(double.runs).toHaveLength(runs);
    expect(double.requests[0]?.answered).toBe(fault.kind);
  });

  it.each(silent)('%j leaves the caller waiting', async (fault, runs) => {
    const double = await aDouble();
    double.script([{ fault }]);
    expect(await Promise.race([send(double, 'x').catch(() => 'cut'), delay(50, 'waiting')])).toBe('waiting');
    await waitFor('it to be there', async () => double.requests.length === 1 && double.runs.length >= runs);
    expect(double.runs).toHaveLength(runs);
  });

  it('meets only the requests that it is for, as often as it is for', async () => {
    const double = await aDouble();
    double.script([
      { on: { rpc: 'tasks/get' }, times: 'always', fault: { kind: 'empty-200' } },
      { on: { method: 'GET', path: '/api/sessions' }, times: 2, fault: { kind: 'html', status: 502 } },
    ]);
    const { task } = await send(double, 'x');
    expect(task.status.state).toBe('completed');
    expect([await get(double, task.id), await get(double, task.id)]).toMatchObject([{ text: '' }, { text: '' }]);
    const reads = [
      await rest(double, '/api/sessions'),
      await rest(double, '/api/sessions'),
      await rest(double, '/api/sessions'),
    ];
    expect(reads.map(({ status }) => status)).toEqual([502, 502, 200]);
  });

  it('can leave a stream open and silent', async () => {
    const double = await aDouble();
    double.script([{ fault: { kind: 'stall-stream' } }]);
    const streamed = call(double, 'message/stream', {
      message: { role: 'user', messageId: 'm', parts: [{ text: 'x' }] },
    });
    expect(await Promise.race([streamed.catch(() => 'cut'), delay(50, 'open')])).toBe('open');
  });
});
