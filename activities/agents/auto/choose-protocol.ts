/**
 * Which protocol is spoken to the configured endpoint: as set, or as found out once and kept.
 *
 * What is kept is forgotten when the endpoint or its key changes, and when an answer speaks of another generation.
 */
import type { Protocol } from '../../../workflows/contract/agent-run.ts';
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import type { Credentials, ReadCredentials } from '../credentials.ts';
import type { DeliveryError } from '../delivery-error.ts';
import { nameOf } from '../http/agent-path.ts';
import { unsentError } from '../http/describe-failure.ts';
import type { Wire } from '../http/exchange.ts';
import { type Detected, detectProtocol } from './detect-protocol.ts';

export type Chooser = ReturnType<typeof createChooser>;

export interface ChooserOptions {
  wire: Wire;
  readCredentials: ReadCredentials;
  onDetected?: ((detected: Detected) => void) | undefined;
}

export function createChooser({ wire, readCredentials, onDetected }: ChooserOptions) {
  let decided: { endpoint: string; protocol: Protocol } | undefined;

  /** What is known without asking. */
  function known(): Protocol | undefined {
    const credentials = readCredentials();
    const { protocol = 'auto' } = credentials;
    if (protocol !== 'auto') return protocol;
    return decided?.endpoint === endpointOf(credentials) ? decided.protocol : undefined;
  }

  /** The protocol; with `tried` where the endpoint is none that is known, and only the ask itself can show it. */
  async function choose(agent: AskedAgent, signal: AbortSignal): Promise<{ protocol: Protocol; tried?: string[] }> {
    const protocol = known();
    if (protocol !== undefined) return { protocol };
    const credentials = readCredentials();
    const detected = await detectProtocol({ wire, agent, signal });
    if ('tried' in detected) {
      // A REST API need not have anything but its one call; without a key it cannot be that.
      if (credentials.apiKey !== undefined) return { protocol: 'rest', tried: detected.tried };
      throw unknownEndpoint(agent, detected.tried);
    }
    if (decided?.endpoint !== endpointOf(credentials) || decided.protocol !== detected.protocol) onDetected?.(detected);
    decided = { endpoint: endpointOf(credentials), protocol: detected.protocol };
    return { protocol: detected.protocol };
  }

  return {
    choose,
    known,
    /** An answer that speaks of another generation: looks again next time. */
    doubt: ({ reason }: DeliveryError) => {
      if (reason === 'EndpointNotFound' || reason === 'MalformedAnswer') decided = undefined;
    },
  };
}

export function unknownEndpoint(agent: AskedAgent, tried: readonly string[]): DeliveryError {
  const found = `nothing that is known answers at base-url. Tried: ${tried.join(', ')}`.slice(0, 1_500);
  return unsentError(nameOf(agent), 'EndpointNotFound', found);
}

function endpointOf({ baseUrl, apiKey = '' }: Credentials): string {
  return `${baseUrl} ${apiKey}`;
}
