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

/** Of a Pod that has failed. */
export function isRefusal(pod: PodView): boolean {
  const { reason, nodeName, containers } = pod;
  // Followed by any resource, also one of a device plugin.
  if (refusals.has(reason) || reason.startsWith('OutOf')) return true;
  // A Pod may come to the end of its own deadline without a container as well.
  return reason !== '' && reason !== 'DeadlineExceeded' && nodeName !== undefined && !containers.some(hasRun);
}

/** The end of a container that could not be started is made up: its start is said to be in 1970, or not at all. */
function hasRun({ running, restartCount, terminated, lastTerminated }: ContainerView): boolean {
  return (
    running || restartCount > 0 || [terminated, lastTerminated].some((end) => Date.parse(end?.startedAt ?? '') > 0)
  );
}
