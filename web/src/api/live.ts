import type { QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { told } from '../tasks/told';
import { address, tellSignedOut } from './client';
import { follow, wake, type Connection, type News } from './stream';
import type { StreamEvent } from './types';

/**
 * One event stream per browser: the tab that holds the lock reads it and passes everything on to the others.
 * When that tab is closed, the lock falls to another, which resumes after the last number it heard.
 */
let lastId: string | null = null;
let state: { connection: Connection; since: number } = { connection: 'connecting', since: Date.now() };
const watchers = new Set<() => void>();
const listeners = new Set<(event: StreamEvent | null) => void>();

function hear(news: News): void {
  if (news.type === 'connection') {
    state = { connection: news.connection, since: news.since };
    for (const tell of watchers) tell();
    if (news.connection === 'signedOut') tellSignedOut();
  } else if (news.type === 'event') {
    lastId = news.id;
    for (const tell of listeners) tell(news.event);
  } else {
    for (const tell of listeners) tell(null);
  }
}

let askNow = () => undefined as void;

/** Connects again at once, whichever tab holds the stream. */
export function tryNow(): void {
  askNow();
}

/** Starts listening; the returned function stops. */
export function listen(): () => void {
  const stop = new AbortController();
  const channel = new BroadcastChannel('muster.events');
  askNow = () => {
    wake();
    channel.postMessage({ type: 'wake' });
  };
  channel.onmessage = (message: MessageEvent<News | { type: 'hello' } | { type: 'wake' }>) => {
    if (message.data.type === 'wake') wake();
    else if (message.data.type !== 'hello') hear(message.data);
    else if (leading) channel.postMessage({ type: 'connection', ...state } satisfies News);
  };
  let leading = false;
  const lead = async () => {
    leading = true;
    await follow({
      url: address('events/stream'),
      lastId,
      tell: (news) => {
        hear(news);
        if (!stop.signal.aborted) channel.postMessage(news);
      },
    }, stop.signal);
    leading = false;
  };
  channel.postMessage({ type: 'hello' });
  // Without locks (an old browser) every tab has a stream of its own.
  if (navigator.locks) navigator.locks.request('muster.events', { signal: stop.signal }, lead).catch(() => undefined);
  else void lead();
  return () => {
    stop.abort();
    channel.close();
  };
}

export function useConnection(): { connection: Connection; since: number } {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => state,
  );
}

/** Calls back for each event, and with null when everything may have changed. */
export function useEvents(callback: (event: StreamEvent | null) => void): void {
  useEffect(() => {
    listeners.add(callback);
    return () => void listeners.delete(callback);
  }, [callback]);
}

/** What an event about one kind of object makes out of date. Query keys begin with the noun. */
const concerns: Record<string, string[]> = {
  machine: ['machines', 'drift', 'conditions', 'images'],
  drift: ['drift', 'machines'],
  condition: ['conditions', 'machines'],
  image: ['images', 'machines'],
  task: ['tasks'],
  token: ['tokens'],
  user: ['me', 'tokens'],
};

/**
 * Turns events into fresh queries. A busy fleet sends many a second, so they are gathered: the first is acted on
 * at once, the rest in steps that grow with what the last refresh cost.
 */
export function refreshOnEvents(client: QueryClient): () => void {
  const stale = new Set<string>();
  let busy = false;

  const refresh = async () => {
    if (busy) return;
    busy = true;
    while (stale.size > 0) {
      const keys = new Set(stale);
      stale.clear();
      const started = performance.now();
      // An answer that is under way may be older than the event, so it is asked for anew.
      await client.invalidateQueries({ predicate: (query) => keys.has(String(query.queryKey[0])) });
      const took = performance.now() - started;
      await new Promise((resume) => setTimeout(resume, Math.max(300, took * 4)));
    }
    busy = false;
  };

  const listener = (event: StreamEvent | null) => {
    if (event?.kind === 'machine.progress') {
      // Many a second while a machine works: only whoever looks at machines one by one wants to know.
      void client.invalidateQueries({ queryKey: ['machines', 'machines/show'] }, { cancelRefetch: false });
      return;
    }
    if (event?.kind === 'task.progress') {
      // Once a second for each that runs. It carries all that has changed, so nothing is asked for.
      client.setQueriesData({ queryKey: ['tasks'] }, (data: unknown) => told(data, event));
      return;
    }
    if (event === null) return void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'me' });
    stale.add('events');
    for (const key of concerns[event.kind.split('.')[0] ?? ''] ?? []) stale.add(key);
    void refresh();
  };
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
