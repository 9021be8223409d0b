/**
 * Reads one recorded exchange with a real Kagent by its name, such as `13-go-agent-03-get-completed`.
 *
 * The recordings lie in `exchanges.jsonl`, one a line. Used by tests that hold a client or a double against them.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Headers = z.record(z.string(), z.string());

const Transcript = z.looseObject({
  request: z.looseObject({
    method: z.string(),
    path: z.string(),
    headers: Headers.default({}),
    /** Text where the request was no JSON. */
    body: z.unknown().optional(),
  }),
  response: z.looseObject({
    /** None where the connection ended before. */
    status: z.number().nullable(),
    headers: Headers.default({}),
    /** Text where it was no JSON. */
    body: z.unknown().optional(),
    /** The lines of a stream. */
    events: z.array(z.looseObject({ at_ms: z.number(), line: z.unknown() })).optional(),
  }),
});
export type Transcript = z.infer<typeof Transcript>;

const Line = z.object({ name: z.string(), exchange: z.unknown() });

let exchanges: Map<string, unknown> | undefined;

function readExchanges(): Map<string, unknown> {
  const text = readFileSync(new URL('exchanges.jsonl', import.meta.url), 'utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => Line.parse(JSON.parse(line)));
  return new Map(lines.map(({ name, exchange }) => [name, exchange]));
}

/** Throws for a name that was not recorded, and for summaries, which are no exchanges. */
export function readTranscript(name: string): Transcript {
  exchanges ??= readExchanges();
  if (!exchanges.has(name)) throw new Error(`Nothing was recorded by the name ${name}.`);
  return Transcript.parse(exchanges.get(name));
}
