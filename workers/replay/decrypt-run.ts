/**
 * A recorded run with its payloads in the clear, so that it replays and is told in words.
 *
 * Called by main for every run, where there are keys. What is not encrypted stays as it is; writes nothing anywhere.
 */
import type { Payload, PayloadCodec } from '@temporalio/common';
import { z } from 'zod';
import { UnreadableError } from './exit-codes.ts';
import { eventsFromJson, type RecordedRun } from './history.ts';

/** A payload in a JSON history: bytes are base64. */
const WrittenPayload = z.strictObject({
  metadata: z.looseObject({ encoding: z.string() }).catchall(z.string()),
  data: z.string(),
});

const sealed = toText(Buffer.from('binary/encrypted'));

/** Throws an UnreadableError that names the key. */
export async function decryptRun(run: RecordedRun, codec: PayloadCodec): Promise<RecordedRun> {
  try {
    return { ...run, events: eventsFromJson({ events: await decrypt(run.events, codec) }) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UnreadableError(`The history of ${run.source} cannot be decrypted: ${why}`, { cause: error });
  }
}

async function decrypt(value: unknown, codec: PayloadCodec): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map((each) => decrypt(each, codec)));
  const { data: written } = WrittenPayload.safeParse(value);
  if (written?.metadata.encoding === sealed) {
    const [opened] = await codec.decode([{ metadata: mapOf(written.metadata, toBytes), data: toBytes(written.data) }]);
    return opened === undefined ? value : write(opened);
  }
  const entries = Object.entries(value).map(async ([name, each]) => [name, await decrypt(each, codec)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

function write({ metadata, data }: Payload): object {
  return { metadata: mapOf(metadata ?? {}, toText), data: toText(data ?? new Uint8Array()) };
}

function mapOf<From, To>(fields: Record<string, From>, convert: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, convert(value)]));
}

function toBytes(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
