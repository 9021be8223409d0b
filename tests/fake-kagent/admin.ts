/**
 * The admin endpoints of the fake Kagent, for tests and demos in which it runs as a process of its own.
 *
 * `GET /_fake/requests`, `GET /_fake/runs`, `POST /_fake/script` with an array of steps.
 */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Run } from './kagent.ts';
import type { RecordedRequest } from './record-request.ts';
import { Step, type StepInput } from './script.ts';

export interface Administered {
  requests: readonly RecordedRequest[];
  runs: readonly Run[];
  setScript: (steps: readonly StepInput[]) => void;
}

/** Answers one request to `/_fake/…`; a script that does not parse is refused as a whole. */
export function answerAdmin(record: RecordedRequest, response: ServerResponse, state: Administered): void {
  switch (`${record.method} ${record.path}`) {
    case 'GET /_fake/requests':
      return send(response, 200, state.requests);
    case 'GET /_fake/runs':
      return send(response, 200, state.runs);
    case 'POST /_fake/script':
      return takeScript(record.body, response, state);
    default:
      return send(response, 404, { error: `The fake has no ${record.method} ${record.path}.` });
  }
}

function takeScript(body: unknown, response: ServerResponse, { setScript }: Administered): void {
  const steps = z.array(Step).safeParse(body);
  if (!steps.success) return send(response, 400, { error: z.prettifyError(steps.error) });
  setScript(steps.data);
  return send(response, 200, { steps: steps.data.length });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
