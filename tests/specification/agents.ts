/** The specification's part about agents: what they should be like, and two examples. */
import { type Row, read, section, shown, test } from './row.ts';

const agents = (says: string) => read('What agents need', says);

export const agentRows: readonly Row[] = [
  ...section('Agent Requirements', [
    ['Agents used with the Hook Controller should:', agents('An agent should')],
    ['**Accept Context Parameters:**', agents('context')],
    ['Be configured to handle event context in prompts', agents('event context in prompts')],
    [
      'Support template variables like `{{.ResourceName}}`',
      {
        ...agents('`{{.ResourceName}}`'),
        ...shown(test('unit/render-prompt', 'each name is filled from its own fact')),
      },
    ],
    ['**Handle Kubernetes Context:**', agents('Kubernetes')],
    ['Understand Kubernetes terminology', agents('terminology')],
    ['Be trained on common Kubernetes issues', agents('common issues')],
    ['**Provide Actionable Responses:**', agents('act upon')],
    ['Give specific troubleshooting steps', agents('troubleshooting steps')],
    ['Include relevant kubectl commands', agents('`kubectl` commands')],
    ['Suggest preventive measures', agents('preventive measures')],
  ]),
  ...section('Incident Response Agent', [
    [
      `# Example agent configuration in Kagent platform
name: incident-responder
description: Analyzes Kubernetes incidents and provides response plans
capabilities:
  - kubernetes-troubleshooting
  - incident-analysis
  - root-cause-analysis
prompt_template: |
  You are a Kubernetes incident response specialist.
  Analyze the following event and provide a structured response plan.`,
      {
        ...agents('`incident-responder`'),
        ...shown(test('unit/hook-schema', 'have each incident type handled once, by the agents of the specification')),
      },
    ],
  ]),
  ...section('Memory Analysis Agent', [
    [
      `name: memory-analyzer
description: Analyzes memory-related issues and optimization
capabilities:
  - memory-profiling
  - performance-optimization
  - resource-planning
prompt_template: |
  You are a memory optimization expert for Kubernetes workloads.
  Analyze the OOM event and provide optimization recommendations.`,
      {
        ...agents('`memory-analyzer`'),
        ...shown(test('unit/hook-schema', 'have each incident type handled once, by the agents of the specification')),
      },
    ],
  ]),
];
