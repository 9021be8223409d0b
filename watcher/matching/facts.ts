/**
 * What an expression can know of an incident: the fields of `incident`, and which of them may be absent.
 *
 * Plain values, bounded by the detectors.
 */
export interface IncidentFacts {
  type: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  reason: string;
  message: string;
  labels: Readonly<Record<string, string>>;
  hook: { namespace: string; name: string };
  container?: string;
  containerKind?: string;
  cause?: string;
  confidence?: string;
  exitCode?: number;
  restartCount?: number;
  nodeName?: string;
  image?: string;
  /** The workload that the object belongs to. */
  owner?: { kind: string; name: string };
}

/** All fields: a name that is none of them is a typing error, not a field that is absent now. */
export const factNames: Record<keyof IncidentFacts, true> = {
  type: true,
  kind: true,
  namespace: true,
  name: true,
  uid: true,
  reason: true,
  message: true,
  labels: true,
  hook: true,
  container: true,
  containerKind: true,
  cause: true,
  confidence: true,
  exitCode: true,
  restartCount: true,
  nodeName: true,
  image: true,
  owner: true,
};
