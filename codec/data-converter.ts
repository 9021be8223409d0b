/**
 * The data converter that encrypts: payloads by the codec, messages of failures through the failure converter.
 *
 * Given to `new Client`, `Worker.create` and `Worker.runReplayHistory`. A workflow bundle that is made beforehand needs
 * `failureConverterPath` too. Never encrypts search attributes, workflow ids or failure types: Temporal reads those.
 */
import { extname, join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { createAesGcmCodec } from './aes-gcm-codec.ts';
import { type KeyRing, type KeyRingOptions, openKeyRing } from './key-ring.ts';

/** Compiled code has its own; both stand beside this file. */
export const failureConverterPath = join(import.meta.dirname, `failure-converter${extname(import.meta.filename)}`);

export function createDataConverter(keys: KeyRing): DataConverter {
  return { payloadCodecs: [createAesGcmCodec(keys)], failureConverterPath };
}

/** Undefined without a folder: then nothing is encrypted. Throws where the folder is wrong from the start. */
export function openDataConverter(folder: string | undefined, log: KeyRingOptions['log']): DataConverter | undefined {
  return folder === undefined ? undefined : createDataConverter(openKeyRing({ folder, log }));
}
