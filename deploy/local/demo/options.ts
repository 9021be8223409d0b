/**
 * What the user asked `npm start` for: arguments, and the servers of their own that replace ours.
 *
 * Called by start.ts, once, before anything is started. Pure.
 */
import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** Tell the story once and end, with 0 only if every incident reached its agent exactly once. */
  isOnce: boolean;
  /** Context of a cluster of the user's; ours is started where it is not set. */
  context: string | undefined;
  /** `host:port` of a Temporal of the user's. */
  temporalAddress: string | undefined;
  /** Web UI that belongs to it. */
  temporalUiUrl: string | undefined;
  /** A Kagent of the user's. */
  kagentBaseUrl: string | undefined;
}

export const usage = `npm start                      the whole system on this machine, until Ctrl-C
npm start -- --once            the same, then end: 0 if every incident reached its agent exactly once
npm start -- --context NAME    watch the cluster of this kube context instead of an own one (no trouble is made there)

These variables replace an own server by yours:
  TEMPORAL_ADDRESS             HOST:PORT of Temporal; with TEMPORAL_NAMESPACE and Temporal's other variables where it
                               needs them, and TEMPORAL_UI_URL where its Web UI is not at port 8233 of the same host
  KAGENT_BASE_URL              address of Kagent; with KAGENT_API_KEY`;

/** Throws a sentence for arguments that do not fit. Undefined: the user only wanted to know how. */
export function readOptions(
  args: string[],
  environment: Readonly<Record<string, string | undefined>>,
): DemoOptions | undefined {
  const { values } = parseArgs({
    args,
    options: { once: { type: 'boolean', default: false }, context: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) return undefined;
  const set = (name: string) => environment[name]?.trim() || undefined;
  const options: DemoOptions = {
    isOnce: values.once,
    context: values.context,
    temporalAddress: set('TEMPORAL_ADDRESS'),
    temporalUiUrl: set('TEMPORAL_UI_URL'),
    kagentBaseUrl: set('KAGENT_BASE_URL'),
  };
  // To kubectl an empty name means the current context, which may be anybody's production.
  if (options.context?.trim() === '') throw new Error('--context is empty; wanted the name of a kube context.');
  if (options.kagentBaseUrl !== undefined && set('KAGENT_API_KEY') === undefined) {
    throw new Error('KAGENT_BASE_URL is set, KAGENT_API_KEY is not; wanted both, or neither for a stand-in.');
  }
  if (options.isOnce && options.context !== undefined) {
    throw new Error(
      '--once needs incidents, and none are made in a cluster of yours; wanted --once without --context.',
    );
  }
  return options;
}
