/**
 * Signals as they arrive: their payloads are decoded here and not by the SDK, which fails the workflow task, again and again,
 * for one that it cannot decode.
 *
 * There is no handler for signals of other names: the SDK keeps those unread, whatever is in them. Pure.
 */
import { defaultPayloadConverter, RawValue, rawValueTypeInfo } from '@temporalio/common';
import { defineSignal, type SignalDefinition } from '@temporalio/workflow';

/** However many arguments a signal has, each is left as it came. */
const allRaw: (typeof rawValueTypeInfo)[] = new Proxy([], { get: () => rawValueTypeInfo });

export function defineRawSignal(name: string): SignalDefinition<unknown[]> {
  return defineSignal<unknown[]>(name, { typeInfo: { inputTypes: allRaw } });
}

/** Undefined where it cannot be decoded, or was not sent. */
export function readSignal(argument: unknown): unknown {
  if (!(argument instanceof RawValue)) return undefined;
  try {
    return defaultPayloadConverter.fromPayload(argument.payload);
  } catch {
    return undefined;
  }
}
