/**
 * The body of the codec server's requests and answers: Temporal's Payloads message as JSON, bytes as base64.
 *
 * Called by convert.ts. Says where a body is wrong, and never what stands there.
 */
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { z } from 'zod';

const { Payloads } = proto.temporal.api.common.v1;

/** With the alphabet of files or of URLs, padded or not, as JSON of protobuf may be written. */
const base64 = /^([\w+/-]{4})*([\w+/-]{2,3}={0,2})?$/;

const Base64 = z.string().regex(base64, 'wanted base64');

/** No z.record, which drops a field named `__proto__`: odd, but somebody's. */
const Metadata = z.custom<object>(
  (value) => isObject(value) && Object.values(value).every((each) => Base64.safeParse(each).success),
  'wanted fields of base64',
);

const Body = z.object({
  payloads: z.array(z.looseObject({ metadata: Metadata.nullish(), data: Base64.nullish() })).nullish(),
});

/** Throws an Error whose message can be shown to the caller. */
export function parsePayloads(text: string): Payload[] {
  const { data, error } = Body.safeParse(parseJson(text));
  if (error !== undefined) {
    const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
    throw new Error(`The body is no list of payloads: ${problems.join('; ')}.`);
  }
  const payloads = (data.payloads ?? []).map(({ metadata, ...rest }) => ({ ...rest, metadata: metadata ?? {} }));
  return Payloads.fromObject({ payloads }).payloads;
}

export function writePayloads(payloads: Payload[]): string {
  const message = Payloads.fromObject({ payloads });
  return JSON.stringify({ payloads: [], ...Payloads.toObject(message, { bytes: String, longs: String }) });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The body is not JSON.');
  }
}
