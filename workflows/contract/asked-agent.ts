/**
 * The agent of an incident, by its names, and how far it may be asked.
 *
 * Types only.
 */

export interface AskedAgent {
  namespace: string;
  name: string;
  /** AGENTS_ALLOW lets it be asked in this namespace only: a request that does not name the namespace must not be sent. */
  boundToNamespace?: true | undefined;
}
