/**
 * How an agent is shown: its object in `/api/agents`, and its A2A cards.
 */
import type { Agent } from './agent-process.ts';
import type { Release } from './options.ts';
import { agentId } from './runtimes.ts';

type Shown = Record<string, unknown>;

const since = '2026-01-01T00:00:00Z';

/** An item of `/api/agents`. */
export function showAgent(agent: Agent, release: Release): Shown {
  const isByo = agent.runtime === 'byo';
  return {
    id: agentId(agent),
    agent: {
      apiVersion: 'kagent.dev/v1alpha2',
      kind: 'Agent',
      metadata: {
        name: agent.name,
        namespace: agent.namespace,
        uid: '4d2b0f0e-0000-4000-8000-000000000001',
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: since,
      },
      spec: { ...specOf(agent), description: description(agent) },
      status: { observedGeneration: 1, conditions: conditionsOf(agent) },
    },
    modelProvider: isByo ? '' : 'OpenAI',
    model: isByo ? '' : 'stub-model',
    modelConfigRef: isByo ? '' : `${agent.namespace}/default-model-config`,
    memoryRefs: null,
    tools: null,
    deploymentReady: agent.deploymentReady,
    accepted: agent.accepted,
    ...(release !== '0.8.6' && { workloadMode: 'deployment' }),
  };
}

function specOf({ runtime, replicas }: Agent): Shown {
  const deployment = replicas === 1 ? undefined : { replicas };
  if (runtime === 'byo') {
    return { type: 'BYO', byo: { deployment: { image: 'example.invalid/byo:1', ...deployment } } };
  }
  return {
    type: 'Declarative',
    declarative: {
      runtime,
      systemMessage: 'You are a test agent.',
      modelConfig: 'default-model-config',
      ...(deployment !== undefined && { deployment }),
    },
  };
}

function conditionsOf({ accepted, deploymentReady }: Agent): Shown[] {
  return [
    {
      type: 'Accepted',
      status: accepted ? 'True' : 'False',
      observedGeneration: 1,
      lastTransitionTime: since,
      reason: accepted ? 'Reconciled' : 'ReconcileFailed',
      message: accepted ? 'Agent configuration accepted' : 'model config not found',
    },
    {
      type: 'Ready',
      status: deploymentReady ? 'True' : 'False',
      observedGeneration: 1,
      lastTransitionTime: since,
      reason: deploymentReady ? 'DeploymentReady' : 'DeploymentNotReady',
      message: deploymentReady ? 'Deployment is ready' : 'Deployment is not ready, 0/1 pods are ready',
    },
  ];
}

function description({ runtime, name }: Agent): string {
  return `${name}, a ${runtime} agent`;
}

function basicsOf(agent: Agent): Shown {
  return {
    name: agent.name.replaceAll('-', '_'),
    description: description(agent),
    version: '',
    defaultInputModes: ['text'],
    defaultOutputModes: ['text'],
    skills: [],
  };
}

function interfaceAt(url: string, protocolVersion: string): Shown {
  return { url, protocolBinding: 'JSONRPC', protocolVersion };
}

/** The card of 0.x; since 0.9.7 it speaks of both dialects. */
export function showCard(agent: Agent, url: string, release: Release): Shown {
  if (release === '0.8.6') {
    const capabilities = { streaming: true, pushNotifications: false, stateTransitionHistory: true };
    return { ...basicsOf(agent), url, capabilities };
  }
  const capabilities = { streaming: true };
  if (release === '1.0') return { ...basicsOf(agent), capabilities, supportedInterfaces: [interfaceAt(url, '1.0')] };
  return {
    ...basicsOf(agent),
    capabilities,
    supportedInterfaces: [interfaceAt(url, '0.3'), interfaceAt(url, '1.0')],
    url,
    protocolVersion: '0.3',
    preferredTransport: 'JSONRPC',
  };
}

/** The answer to a call for the extended card. */
export function showExtendedCard(agent: Agent, url: string, dialect: '0.3' | '1.0'): Shown {
  const capabilities = { streaming: true };
  if (dialect === '1.0') {
    return {
      ...basicsOf(agent),
      capabilities,
      supportedInterfaces: [interfaceAt(url, '0.3'), interfaceAt(url, '1.0')],
    };
  }
  const transport = { transport: 'JSONRPC', url };
  return {
    ...basicsOf(agent),
    capabilities,
    additionalInterfaces: [transport, transport],
    preferredTransport: 'JSONRPC',
    protocolVersion: '0.3',
    skills: null,
    url,
  };
}
