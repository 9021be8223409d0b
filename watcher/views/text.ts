/**
 * Text from the cluster, no longer than it has any reason to be: the shapes of names, words and messages that views read.
 *
 * What is cut is copied: a slice would keep the whole text alive that it was cut from. Names and other things that identify
 * stay different where they were different.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isRfc3339 } from '../../workflows/contract/plain/rfc3339.ts';
import { shareText } from './share-equal.ts';

/** What Kubernetes allows, and more where it allows anything. In characters. */
const most = { name: 253, namespace: 63, word: 128, uid: 64, image: 512, id: 256, message: 2048 } as const;
const digestLength = 16;

/** The beginning of a text, never ending within a character. */
export function cut(text: string, limit: number): string {
  // By way of bytes, because that is a copy: half a character at the end becomes U+FFFD.
  return text.length <= limit ? text : Buffer.from(text.slice(0, limit)).toString();
}

/** A text that identifies: where it has to be cut, a digest of the whole stands at its end. */
export function cutId(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, digestLength);
  return `${cut(text, limit - digestLength - 1)}~${digest}`;
}

// Half a character has no bytes: Temporal and the API server refuse a request that it stands in.
const identifying = (limit: number) => z.string().overwrite((text) => cutId(text, limit).toWellFormed());
const readable = (limit: number) => z.string().overwrite((text) => cut(text, limit).toWellFormed());

/** Of objects, containers, nodes and kinds. */
export const Name = identifying(most.name);
export const Uid = identifying(most.uid);
/** One word: a reason, a type, a phase. */
export const Word = readable(most.word);
/** What is no time is none. */
export const Time = z
  .string()
  .nullish()
  .transform((text) => (typeof text === 'string' && isRfc3339(text) ? shareText(text) : undefined));

/** Go leaves out what is empty, or writes null. */
const orEmpty = (shape: z.ZodType<string>) => shape.nullish().transform((text) => text ?? '');

export const NameText = orEmpty(Name);
export const UidText = orEmpty(Uid);
export const NamespaceText = orEmpty(identifying(most.namespace)).transform(shareText);
/** Of the node that a Pod runs on. */
export const NodeName = NameText.transform(shareText);
export const VersionText = orEmpty(identifying(most.uid));
export const WordText = orEmpty(Word);
export const Image = orEmpty(identifying(most.image)).transform(shareText);
/** Of a container, as its runtime calls it. */
export const RuntimeId = orEmpty(identifying(most.id));
export const MessageText = orEmpty(readable(most.message));
