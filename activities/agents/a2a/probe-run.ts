/**
 * Whether an agent works on a run that reads *working*: it is asked to stream what happens to the task from now on.
 *
 * A live run keeps the stream open, mostly without a byte; an agent that has lost the run ends it at once without a result
 * (seen on Kagent 0.8 to 0.10, both runtimes, transcripts 41b and 85). Listening for two seconds does no harm to a run.
 */
import { randomUUID } from 'node:crypto';
import type { Wire } from '../http/exchange.ts';
import type { Liveness } from '../port.ts';
import type { RpcTarget } from './call-rpc.ts';
import { readRpcAnswer } from './json-rpc.ts';

export interface Probe extends RpcTarget {
  taskId: string;
  listenMs?: number;
  /** Whether silence that ends without a result, or an error other than "no such task", says that the run is gone. */
  trustsSilence: boolean;
}

/** Characters that are read at most; a first event is a few hundred. */
const readLimit = 64 * 1024;

const noSuchTask = -32001;

/** A −32603 that says so: what a controller makes of a Go agent's "not found". */
const goneWords = /cannot unmarshal object into Go struct field/;
/** Nobody listens at the agent's address. All other −32603, such as a name that could not be looked up, say nothing. */
const absentWords = /http request( failed)?: .*dial tcp .*connection refused/i;

export async function probeRun(wire: Wire, call: Probe): Promise<Liveness> {
  const { dialect, taskId, listenMs = 2_000, trustsSilence, ...target } = call;
  const id = randomUUID();
  const over = new AbortController();
  const time = AbortSignal.timeout(listenMs);
  try {
    const response = await wire.open({
      ...target,
      method: 'POST',
      body: { jsonrpc: '2.0', id, method: dialect.subscribe, params: { id: taskId } },
      headers: { ...dialect.headers, Accept: 'text/event-stream' },
      signal: AbortSignal.any([call.signal, time, over.signal]),
    });
    const isRpcStatus = response.status === 200 || response.headers.get('content-type')?.includes('json') === true;
    if (!isRpcStatus) return 'unclear';
    return livenessIn(await readSome(response.body), id, trustsSilence);
  } catch {
    call.signal.throwIfAborted();
    // Still open when the time was up: somebody is there who has nothing to say yet.
    return time.aborted ? 'alive' : 'unclear';
  } finally {
    over.abort();
  }
}

/** Everything until the end; rejects when the listening ends first. */
async function readSome(body: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  if (body === null) return text;
  body.on('error', () => undefined); // an aborted body fails once more where nobody listens
  for await (const chunk of body) {
    text += chunk.toString();
    if (text.length > readLimit || hasResult(text)) return text;
  }
  return text;
}

function hasResult(text: string): boolean {
  return /"result"\s*:/.test(text);
}

function livenessIn(text: string, id: string, trustsSilence: boolean): Liveness {
  if (hasResult(text)) return 'alive';
  const [fault] = text.split('\n').flatMap((line) => faultIn(line.replace(/^data:\s*/, ''), id) ?? []);
  if (fault === undefined) return trustsSilence && text.trim() === '' ? 'gone' : 'unclear';
  if (fault.code === noSuchTask) return 'gone';
  if (!trustsSilence || fault.code !== -32603) return 'unclear';
  if (goneWords.test(fault.message)) return 'gone';
  return absentWords.test(fault.message) ? 'absent' : 'unclear';
}

function faultIn(line: string, id: string): { code: number; message: string } | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const answer = readRpcAnswer(JSON.parse(line), id);
    return 'fault' in answer ? answer.fault : undefined;
  } catch {
    return undefined;
  }
}
