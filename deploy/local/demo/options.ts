/**
 * What the user asked `npm start` for: arguments, and the servers of their own that replace ours.
 *
 * Pure.
 */
import { parseArgs } from 'node:util';

/** What our stand-in for Kagent speaks: A2A, as Kagent itself does, or the REST API of the specification. */
const standInProtocols = ['kagent', 'rest'] as const;
export type StandInProtocol = (typeof standInProtocols)[number];

export type DemoOptions = NonNullable<ReturnType<typeof readOptions>>;

export const usage = `npm start                      the whole system on this machine, until Ctrl-C
npm start -- --once            the same, then end: 0 if every incident reached its agent exactly once and was answered
npm start -- --protocol rest   with a stand-in for Kagent that has one call, POST /v1/agents/{agentId}/execute, which
                               gives no answers of agents; by default (kagent) one for Kagent 0.10, by A2A
npm start -- --context NAME    watch the cluster of this kube context; no cluster is started, and no trouble is made there

These variables put a server of yours in place of one of these:
  TEMPORAL_ADDRESS             HOST:PORT of Temporal; with TEMPORAL_NAMESPACE and Temporal's other variables where it
                               needs them, and TEMPORAL_UI_URL where its Web UI is not at port 8233 of the same host
  KAGENT_BASE_URL              address of Kagent; with KAGENT_API_KEY where it needs one, KAGENT_PROTOCOL where it cannot
                               be found out, and KAGENT_UI_URL for links to its UI`;

/** Throws a sentence for arguments that do not fit. Undefined: the user asked for help only. */
export function readOptions(args: string[], environment: Readonly<Record<string, string | undefined>>) {
  const { values } = parseArgs({
    args,
    options: {
      once: { type: 'boolean', default: false },
      context: { type: 'string' },
      protocol: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return undefined;
  const set = (name: string) => environment[name]?.trim() || undefined;
  const options = {
    /** Show the incidents once and end, with 0 only if each reached its agent exactly once and was answered. */
    isOnce: values.once,
    /** Context of a cluster of the user's; ours is started where it is not set. */
    context: values.context,
    /** `host:port` of a Temporal of the user's, and the Web UI that belongs to it. */
    temporalAddress: set('TEMPORAL_ADDRESS'),
    temporalUiUrl: set('TEMPORAL_UI_URL'),
    /** A Kagent of the user's. */
    kagentBaseUrl: set('KAGENT_BASE_URL'),
    /** Of the stand-in, where Kagent is not the user's. */
    protocol: readProtocol(values.protocol),
  };
  // To kubectl an empty name means the current context, which may be anybody's production.
  if (options.context?.trim() === '') throw new Error('--context is empty; expected the name of a kube context.');
  if (options.isOnce && options.context !== undefined) {
    throw new Error(
      '--once needs incidents, and none are made in a cluster of yours; expected --once without --context.',
    );
  }
  if (options.kagentBaseUrl === undefined) return options;
  if (values.protocol !== undefined) {
    throw new Error('--protocol is for the stand-in, and KAGENT_BASE_URL is set; KAGENT_PROTOCOL says it for yours.');
  }
  if (set('KAGENT_PROTOCOL') === 'rest' && set('KAGENT_API_KEY') === undefined) {
    throw new Error('KAGENT_PROTOCOL is rest, KAGENT_API_KEY is not set; expected the key of KAGENT_BASE_URL.');
  }
  return options;
}

function readProtocol(text: string | undefined): StandInProtocol {
  if (text === undefined) return 'kagent';
  const protocol = standInProtocols.find((known) => known === text);
  if (protocol === undefined) throw new Error(`--protocol is "${text}"; expected ${standInProtocols.join(' or ')}.`);
  return protocol;
}
