/**
 * What a configuration's `match` can say: which incidents of a type a Hook means.
 *
 * Part of the Hook's schema; read by the watcher, and by the generator of the CRD. Bounded like everything in it.
 */
import { z } from 'zod';

/** What happens on purpose as a rule; it is an incident only for those who ask for it. */
export const Inclusion = z
  .enum(['job-restarts', 'job-pods', 'scheduling-gates', 'drains'])
  .describe(
    'job-restarts: containers of Jobs that are restarted on failure. job-pods: Pods of Jobs that fail. scheduling-gates: Pods that a gate holds back. ' +
      'drains: evictions through the API, and nodes that are cordoned or about to be taken away.',
  );
export type Inclusion = z.infer<typeof Inclusion>;

const LabelSelector = z
  .object({
    matchLabels: z
      .record(z.string().max(317), z.string().max(63))
      .optional()
      .describe('Labels that the object must have, each with this value.'),
    matchExpressions: z
      .array(
        z
          .object({
            key: z.string().min(1).max(317).describe('Name of the label.'),
            operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How the values are compared.'),
            values: z
              .array(z.string().max(63).describe('A value.'))
              .max(50)
              .optional()
              .describe('The values; only for In and NotIn.'),
          })
          .describe('One requirement.'),
      )
      .max(20)
      .optional()
      .describe('Further requirements, all of which must hold.'),
  })
  .describe('A label selector of Kubernetes, applied to the labels of the object.');

export const Match = z
  .object({
    labels: LabelSelector.optional(),
    names: z
      .array(z.string().min(1).max(254).describe('A name.'))
      .max(50)
      .optional()
      .describe('Names of the object or of its workload; * and ? stand for any characters, a leading ! excludes.'),
    namespaces: z
      .array(z.string().min(1).max(64).describe('A namespace.'))
      .max(50)
      .optional()
      .describe('Namespaces to look at instead of that of the Hook, as in names; only where the operator allowed it.'),
    expression: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe('A CEL expression over `incident`, such as incident.container == "app" && incident.exitCode == 137.'),
    include: z.array(Inclusion).max(4).optional().describe('Kinds of trouble that otherwise are taken for intended.'),
  })
  .describe('Which incidents of the type are meant; all of them if left out.');
export type Match = z.infer<typeof Match>;
