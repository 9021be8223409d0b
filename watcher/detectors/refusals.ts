/**
 * How a kubelet says that it does not take a Pod that was bound to its node.
 *
 * Pure. The reasons are those of the kubelet of 1.28 to 1.36; its list grows, so that any other reason on a Pod that never ran
 * is one too.
 */
import type { ContainerView, PodView } from '../views/pod-view.ts';

/** These are also said of Pods that ran: a kubelet that starts again admits its Pods again. */
const refusals: ReadonlySet<string> = new Set([
  'AppArmor',
  'InitContainerRestartPolicyForbidden',
  'InvalidNodeInfo',
  'NodeAffinity',
  'NodeName',
  'NodePorts',
  'NodeShutdown',
  'NodeUnschedulable',
  'PodFeatureUnsupported',
  'PodLevelResourcesNotSupported',
  'PodOSNotSupported',
  'PodOSSelectorNodeLabelDoesNotMatch',
  'SMTAlignmentError',
  'SupplementalGroupsPolicyNotSupported',
  'SysctlForbidden',
  'TaintToleration',
  'Terminated',
  'TopologyAffinityError',
  'UnexpectedAdmissionError',
  'UnexpectedPredicateFailureType',
  'UnknownReason',
  'VolumeAttachmentLimitExceeded',
  'getPromisedCPUSetError',
  'inconsistentCPUAllocationError',
  "node(s) had taints that the pod didn't tolerate",
  'prohibitedCPUAllocationError',
]);

/** Followed by any resource, also one of a device plugin. */
const outOf = 'OutOf';

/** Ends that a Pod may come to without a container, and that are no refusal: its own deadline. */
const ownEnds: ReadonlySet<string> = new Set(['DeadlineExceeded']);

/** Of a Pod that has failed. */
export function isRefusal(pod: PodView): boolean {
  const { reason, nodeName, containers } = pod;
  if (refusals.has(reason) || reason.startsWith(outOf)) return true;
  return reason !== '' && nodeName !== undefined && !ownEnds.has(reason) && !containers.some(hasRun);
}

/** The end of a container that could not be started is made up: its start is said to be in 1970, or not at all. */
function hasRun({ running, restartCount, terminated, lastTerminated }: ContainerView): boolean {
  return (
    running || restartCount > 0 || [terminated, lastTerminated].some((end) => Date.parse(end?.startedAt ?? '') > 0)
  );
}
