/**
 * The body of the codec server's requests and answers: Temporal's Payloads message as JSON, bytes as base64.
 *
 * Says where a body is wrong, and never what stands there.
 */
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { z } from 'zod';

const { Payloads } = proto.temporal.api.common.v1;

/** In one request; a page of Temporal's Web UI asks for tens. */
const payloadLimit = 1000;
/** Fields and entries in one body. The total size needs no limit of its own: bytes are fewer than their base64. */
const partLimit = 50_000;
/** Problems of one body that are shown. */
const shownLimit = 3;

const Base64 = z.string().refine(isBase64, 'expected base64');

/** No z.record, which drops a field named `__proto__`: odd, but somebody's. */
const Metadata = z.custom<object>(
  (value) => isObject(value) && Object.values(value).every((each) => typeof each === 'string' && isBase64(each)),
  'expected fields of base64',
);

const Body = z.object({
  payloads: z.array(z.looseObject({ metadata: Metadata.nullish(), data: Base64.nullish() })).nullish(),
});

/** Throws an Error whose message can be shown to the caller. */
export function parsePayloads(text: string): Payload[] {
  if (hasMoreParts(text, partLimit)) throw new Error(`The body has more than ${partLimit} fields and entries.`);
  const body = parseJson(text);
  if (countOf(body) > payloadLimit) throw new Error(`The body has more than ${payloadLimit} payloads.`);
  const { data, error } = Body.safeParse(body);
  if (error !== undefined) throw new Error(`The body is no list of payloads: ${problemsOf(error)}.`);
  const payloads = (data.payloads ?? []).map(({ metadata, ...rest }) => ({ ...rest, metadata: metadata ?? {} }));
  return Payloads.fromObject({ payloads }).payloads;
}

/** The first few; the rest is a number. */
function problemsOf({ issues }: z.ZodError): string {
  const shown = issues.slice(0, shownLimit).map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
  return [...shown, ...(issues.length > shownLimit ? [`and ${issues.length - shownLimit} more`] : [])].join('; ');
}

export function writePayloads(payloads: Payload[]): string {
  const message = Payloads.fromObject({ payloads });
  return JSON.stringify({ payloads: [], ...Payloads.toObject(message, { bytes: String, longs: String }) });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function countOf(body: unknown): number {
  return isObject(body) && 'payloads' in body && Array.isArray(body.payloads) ? body.payloads.length : 0;
}

/** Before the body is parsed, which costs a hundred bytes for each of its parts. */
function hasMoreParts(text: string, limit: number): boolean {
  const separators = /[,[{]/g;
  for (let parts = 0; parts <= limit; parts += 1) if (!separators.test(text)) return false;
  return true;
}

/** With the alphabet of files or of URLs, padded or not, as JSON of protobuf may be written. Costs no stack, however long. */
function isBase64(text: string): boolean {
  const bare = text.replace(/={1,2}$/, '');
  const isPadded = bare.length < text.length;
  return !/[^\w+/-]/.test(bare) && bare.length % 4 !== 1 && (!isPadded || bare.length % 4 > 1);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The body is not JSON.');
  }
}
