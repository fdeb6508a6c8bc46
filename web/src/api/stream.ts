import { MessageReader } from './sse';
import type { StreamEvent } from './types';

/** `refused` and `signedOut` are final: asking again would be answered the same. */
export type Connection = 'connecting' | 'live' | 'lost' | 'refused' | 'signedOut';

/** What every page hears, whichever tab holds the stream. */
export type News =
  | { type: 'event'; event: StreamEvent; id: string }
  | { type: 'reset' }
  | { type: 'connection'; connection: Connection; since: number };

export interface StreamOptions {
  url: string;
  tell: (news: News) => void;
  lastId?: string | null;
  fetch?: typeof fetch;
  wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  now?: () => number;
  random?: () => number;
}

// The server sends a comment every 20 s; a stream that is silent for longer is dead, whatever TCP believes.
const silence = 50_000;
const longestWait = 15_000;

/**
 * Keeps one event stream open until `signal` says stop: resumes after the last number seen, waits a little longer
 * after each failure (with jitter, so that a restarted server is not met by all pages at once), and says what it knows.
 */
export async function follow(options: StreamOptions, signal: AbortSignal): Promise<void> {
  const { tell, now = Date.now, random = Math.random, wait = sleep } = options;
  let lastId = options.lastId ?? null;
  let failures = 0;
  let lostSince = 0;

  while (!signal.aborted) {
    let asked: number | null = null;
    const resumed = lastId !== null;
    try {
      const silent = new AbortController();
      const response = await (options.fetch ?? fetch)(options.url, {
        headers: { Accept: 'text/event-stream', 'Muster-Protocol': '1', ...(lastId ? { 'Last-Event-ID': lastId } : {}) },
        credentials: 'same-origin',
        cache: 'no-store',
        signal: AbortSignal.any([signal, silent.signal]),
      });
      if (response.status === 401 || response.status === 403) {
        tell({ type: 'connection', connection: response.status === 401 ? 'signedOut' : 'refused', since: now() });
        return;
      }
      if (!response.ok || !response.body) throw new Error(`${response.status}`);
      failures = 0;
      lostSince = 0;
      tell({ type: 'connection', connection: 'live', since: now() });

      const messages = new MessageReader();
      for await (const text of read(response.body, silent)) {
        for (const message of messages.read(text)) {
          if (message.id) lastId = message.id;
          // At the first `ready` the lists may already be older than the stream; later ones resume without a gap.
          if (message.event === 'reset' || (message.event === 'ready' && !resumed)) tell({ type: 'reset' });
          else if (message.data) {
            const event = parse(message.data);
            if (event) tell({ type: 'event', event, id: message.id ?? String(event.number) });
          }
        }
        asked = messages.retry;
      }
    } catch {
      // Whatever went wrong, what follows is the same: say it, wait, come back.
    }
    if (signal.aborted) return;
    lostSince ||= now();
    tell({ type: 'connection', connection: 'lost', since: lostSince });
    const longest = Math.min(longestWait, 500 * 2 ** failures);
    failures += 1;
    await wait((asked ?? 0) + longest * (0.5 + random() / 2), signal);
  }
}

async function* read(body: ReadableStream<Uint8Array>, silent: AbortController): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let timer = setTimeout(() => silent.abort(), silence);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), silence);
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => undefined);
  }
}

function parse(data: string): StreamEvent | null {
  try {
    const event = JSON.parse(data) as StreamEvent;
    return typeof event === 'object' && event !== null && 'kind' in event ? event : null;
  } catch {
    return null;
  }
}

const wakes = new Set<() => void>();

/** Whoever waits before coming back comes back now. */
export function wake(): void {
  for (const one of wakes) one();
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      wakes.delete(end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    wakes.add(end);
    signal.addEventListener('abort', end, { once: true });
  });
}
