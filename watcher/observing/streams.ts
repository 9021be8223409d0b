/**
 * Every stream of the cluster: Hooks, owners, Pods and Events always; other kinds while a Hook asks for them.
 *
 * Wires reflectors to the observer; decides nothing, keeps nothing but the list of what is open.
 */
import type { IncidentType } from '../../workflows/contract/hook.ts';
import { type LiveHooks, type LiveHooksOptions, watchHooks } from '../hooks/watch-hooks.ts';
import type { Reflector } from '../kube/reflector.ts';
import type { Versioned } from '../kube/store.ts';
import { viewEvent } from '../views/event-view.ts';
import { type PodView, viewPod } from '../views/pod-view.ts';
import { createObserver, type Observer, type ObserverOptions } from './observe.ts';
import { kindsOnDemand } from './on-demand.ts';
import { nameOf, type Opening as OpeningStream, openStream, type Stream } from './open-stream.ts';
import { createOwners, metadataOnly, type OwnerLink, ownerPaths, viewOwner } from './owners.ts';

export interface StreamsOptions
  extends Pick<OpeningStream, 'api' | 'log' | 'signal' | 'onGap'>,
    Pick<LiveHooksOptions, 'reach' | 'edgesFromMs' | 'onHooks'>,
    Required<Pick<ObserverOptions, 'installation' | 'holds' | 'handover' | 'onSeen' | 'onRefused'>> {
  /** Where the watcher before us stood: what has a later version has changed since. */
  before: { podsVersion: string; atMs: number } | undefined;
}

export type Streams = Awaited<ReturnType<typeof openStreams>>;

type Opening = StreamsOptions & OpeningStream;

/** Owners and Hooks before Pods: what is true already needs the owners for its identity, and the Hooks that listen. Resolves when all were listed. */
export async function openStreams(options: StreamsOptions) {
  const { signal } = options;
  const streams = new Map<string, Stream>();
  const opening: Opening = { ...options, namespaces: options.reach.watched, streams };
  const linkOf = await openOwners(opening);
  const live: Live = {};
  const hooks = openHooks(opening, live);
  await untilAborted(hooks.synced, signal);

  const observer = observe(opening, { hooks, live, linkOf });
  live.observer = observer;
  const pods = openStream<PodView>(opening, { path: '/api/v1/pods', view: viewPod, onChange: observer.changed('Pod') });
  live.pods = pods;
  await untilAborted(pods.synced, signal);
  // A state that is true on a Pod that waits has not ended: reconciliation has to know of it.
  await untilAborted(observer.held.settled(), signal);
  const onChange = observer.eventChanged;
  const events = openStream(opening, { path: '/api/v1/events', view: viewEvent, onChange, isKept: () => false });
  await untilAborted(events.synced, signal);
  demand(opening, hooks.listeners.types(), observer);
  return {
    hooks,
    pods: pods.items,
    observer,
    /** Up to which version all Pods were handed over. */
    podsVersion: pods.version,
    open: () => [...streams.values()],
    /** Resolves after the signal, when the last change was handed over. */
    done: async () => {
      await Promise.all([...streams.values()].map(({ done }) => done));
      await observer.held.settled();
    },
  };
}

/** What is opened later than those who need it. */
interface Live {
  pods?: Reflector<PodView>;
  observer?: Observer;
}

type LinkOf = (uid: string) => OwnerLink | undefined;

/** Metadata only; resolves when they were listed. */
async function openOwners(opening: Opening): Promise<LinkOf> {
  const onChange = () => Promise.resolve(); // links are asked for when they are needed
  const asked = { view: viewOwner, accept: metadataOnly, onChange };
  const reflectors = ownerPaths.map((path) =>
    openStream<OwnerLink & Versioned>(opening, { ...asked, name: `owners-${nameOf(path)}`, path }),
  );
  await untilAborted(Promise.all(reflectors.map(({ synced }) => synced)), opening.signal);
  return (uid) => reflectors.map((reflector) => reflector.get(uid)).find((link) => link !== undefined);
}

function openHooks(opening: Opening, live: Live): LiveHooks {
  const { edgesFromMs, reach, onHooks } = opening;
  const hooks: LiveHooks = watchHooks({
    open: (options) => openStream(opening, options),
    edgesFromMs,
    reach,
    onHooks,
    onChange: async (listener) => {
      await live.observer?.hookChanged(listener);
    },
    onGone: (uid) => live.observer?.hookGone(uid),
    onTypes: () => {
      if (live.observer !== undefined) demand(opening, hooks.listeners.types(), live.observer);
    },
  });
  return hooks;
}

function observe(opening: Opening, parts: { hooks: LiveHooks; live: Live; linkOf: LinkOf }): Observer {
  const { hooks, live, linkOf } = parts;
  return createObserver({
    ...opening,
    listeners: hooks.listeners,
    owners: createOwners(opening.api, linkOf),
    podOf: (uid) => live.pods?.get(uid),
    changedSinceMs: changedSince(opening.before),
    nowMs: Date.now,
  });
}

/** Opens the streams that some Hook asks for now, and ends those that none does any more. */
function demand(opening: Opening, types: ReadonlySet<IncidentType>, observer: Observer): void {
  for (const kind of kindsOnDemand) {
    const isNeeded = kind.types.some((type) => types.has(type));
    const open = [...opening.streams.values()].filter((stream) => stream.kind === nameOf(kind.path));
    if (isNeeded && open.length === 0) kind.open(opening, observer);
    if (!isNeeded) for (const { stop } of open) stop();
  }
}

async function untilAborted(done: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => aborted.resolve(), { once: true });
  if (!signal.aborted) await Promise.race([done, aborted.promise]);
}

function changedSince(before: StreamsOptions['before']): ObserverOptions['changedSinceMs'] {
  if (before === undefined) return undefined;
  return ({ kind, resourceVersion }) =>
    kind === 'Pod' && isLaterVersion(resourceVersion, before.podsVersion) ? before.atMs : undefined;
}

/** Versions of one collection grow (Kubernetes 1.35 and later say so); what is no number says nothing. */
function isLaterVersion(version: string, than: string): boolean {
  const isNumber = (text: string) => /^\d+$/.test(text);
  return isNumber(version) && isNumber(than) && BigInt(version) > BigInt(than);
}
