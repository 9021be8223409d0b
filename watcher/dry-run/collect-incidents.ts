/**
 * Incidents as executions would see them: occurrences of one type on one group belong together until it has been quiet.
 *
 * One incident may be of several Hooks. Asks no Temporal.
 */
import type { Claim, Sighting } from '../matching/match.ts';
import { groupOf } from '../starting/incident-of.ts';
import type { Announcement } from '../tracking/announce.ts';
import { type FirstPrompt, firstPrompt } from './first-prompt.ts';

/** The line that `--json` prints. */
export interface DryIncident {
  incidentType: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  container: string | null;
  /** Names of the objects it happened to. */
  members: string[];
  firstSeen: string;
  lastSeen: string;
  occurrences: number;
  cause: string | null;
  confidence: string | null;
  /** NAMESPACE/NAME of the Hooks that would have asked, with the configuration where it has a name. */
  hooks: string[];
  /** The first prompts that their agents would have got, in the same order. */
  prompts: FirstPrompt[];
}

interface Episode {
  incident: DryIncident;
  members: Set<string>;
  /** By their ids. */
  occurrences: Set<string>;
  /** Occurrences of states that are true. */
  firing: Set<string>;
  /** From then on the next occurrence is a new incident. */
  overMs: number;
}

const defaultQuietWindowMs = 600_000;

/** `namesHooks`: whether the Hooks are the user's, to be named. */
export function collectIncidents(namesHooks: boolean) {
  const episodes: Episode[] = [];
  const newest = new Map<string, Episode>();

  function occurred(announcement: Announcement & { kind: 'occurred' | 'updated' }, clockMs: number): void {
    const { sighting, configuration } = announcement;
    const key = keyOf(announcement);
    const known = newest.get(key);
    if (known !== undefined && clockMs > known.overMs && isMoreOf(known, announcement)) {
      add(known, sighting);
      return;
    }
    const episode = known === undefined || clockMs > known.overMs ? open(announcement) : known;
    add(episode, sighting);
    const quietMs = configuration.timing.quietWindowMs ?? defaultQuietWindowMs;
    episode.overMs = sighting.finding.nature === 'edge' ? clockMs + quietMs : Number.POSITIVE_INFINITY;
    if (namesHooks) promptOf(episode, announcement, clockMs);
  }

  function open(claim: Claim): Episode {
    const episode = begin(claim);
    episodes.push(episode);
    newest.set(keyOf(claim), episode);
    return episode;
  }

  function ended(announcement: Announcement & { kind: 'ended' }, clockMs: number): void {
    const episode = newest.get(keyOf(announcement));
    if (episode === undefined) return;
    episode.firing.delete(announcement.sighting.finding.occurrence.id);
    if (episode.firing.size > 0) return;
    episode.overMs = clockMs + (announcement.configuration.timing.quietWindowMs ?? defaultQuietWindowMs);
  }

  return {
    take: (announcement: Announcement, clockMs: number) => {
      if (announcement.kind === 'ended') ended(announcement, clockMs);
      else if (announcement.kind !== 'refused') occurred(announcement, clockMs);
    },
    incidents: () => episodes.map(({ incident }) => incident),
  };
}

/** Each Hook asks once. */
function promptOf({ incident }: Episode, claim: Claim, clockMs: number): void {
  const { configuration, listener } = claim;
  const name = configuration.key === configuration.type ? '' : ` (${configuration.key})`;
  const hook = `${listener.hook.namespace}/${listener.hook.name}${name}`;
  if (incident.hooks.includes(hook)) return;
  incident.hooks.push(hook);
  incident.prompts.push(firstPrompt(claim, clockMs));
}

function keyOf(claim: Claim): string {
  const { sighting } = claim;
  const { uid } = groupOf(claim) ?? sighting.object;
  return JSON.stringify([sighting.finding.type, uid, sighting.finding.container]);
}

/** What is learned later of an occurrence belongs to the incident that has it, also when that is over. */
function isMoreOf({ occurrences }: Episode, { kind, sighting }: Announcement): boolean {
  return kind === 'updated' && occurrences.has(sighting.finding.occurrence.id);
}

function begin(claim: Claim): Episode {
  const { finding, object } = claim.sighting;
  const { kind, namespace, name, uid } = groupOf(claim) ?? object;
  const { at, container = finding.container } = finding.occurrence;
  return {
    incident: {
      incidentType: finding.type,
      kind,
      namespace,
      name,
      uid,
      container: container ?? null,
      members: [],
      firstSeen: at,
      lastSeen: at,
      occurrences: 0,
      cause: null,
      confidence: null,
      hooks: [],
      prompts: [],
    },
    members: new Set(),
    occurrences: new Set(),
    firing: new Set(),
    overMs: 0,
  };
}

function add(episode: Episode, { finding, object }: Sighting): void {
  const { incident, members, occurrences, firing } = episode;
  const { id, at, times, cause, confidence } = finding.occurrence;
  if (!members.has(object.name)) incident.members.push(object.name);
  members.add(object.name);
  if (!occurrences.has(id)) incident.occurrences += times;
  occurrences.add(id);
  if (finding.nature === 'state') firing.add(id);
  if (at < incident.firstSeen) incident.firstSeen = at;
  if (at > incident.lastSeen) incident.lastSeen = at;
  incident.cause = cause ?? null;
  incident.confidence = confidence ?? null;
}
