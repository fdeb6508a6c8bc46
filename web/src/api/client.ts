import type { ChangePath, Me, ProblemDetails, ReadPath } from './types';

/** A refusal or failure, in the server's words. `code` is stable, the message may change. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: ProblemDetails;

  constructor(status: number, details: ProblemDetails) {
    super(details.detail ?? details.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = details.code ?? `http.${status}`;
    this.details = details;
  }

  fault(argument: string): string | undefined {
    return this.details.faults?.find((f) => f.argument === argument)?.message;
  }
}

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue;
    if (Array.isArray(value)) for (const one of value as readonly string[]) search.append(name, one);
    else search.append(name, String(value));
  }
  const text = search.toString();
  return `/api/v1/${path}${text ? `?${text}` : ''}`;
}

let csrf = '';
const signedOut = new Set<() => void>();

export function remember(me: Pick<Me, 'csrf'>): void {
  csrf = me.csrf ?? '';
}

/** Tells the pages that the server no longer knows our session. */
export function tellSignedOut(): void {
  for (const tell of signedOut) tell();
}

/** Called when the server no longer knows our session. */
export function onSignedOut(listener: () => void): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

export async function read<T>(path: ReadPath, query?: Query, signal?: AbortSignal): Promise<T> {
  return answer<T>(await ask(address(path, query), { signal: signal ?? null }));
}

export async function readText(path: ReadPath, query?: Query, signal?: AbortSignal): Promise<Response> {
  const response = await ask(address(path, query), { signal: signal ?? null });
  if (!response.ok) await fail(response);
  return response;
}

/** A change. The key makes a repeated request harmless: it answers what the first one did. */
export async function change<T>(path: ChangePath | `plans/${string}/apply`, body: unknown, options: { query?: Query; key?: string; signal?: AbortSignal } = {}): Promise<T> {
  return answer<T>(
    await ask(address(path, options.query), {
      method: 'POST',
      signal: options.signal ?? null,
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': options.key ?? crypto.randomUUID(),
        'X-Muster-Csrf': csrf,
      },
      body: JSON.stringify(body ?? {}),
    }),
  );
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('Accept', 'application/json, application/problem+json, */*;q=0.1');
  headers.set('Muster-Protocol', '1');
  try {
    return await fetch(url, { ...init, headers, credentials: 'same-origin' });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new Problem(0, { code: 'server.unreachable', detail: 'The server cannot be reached.' });
  }
}

async function answer<T>(response: Response): Promise<T> {
  if (!response.ok) await fail(response);
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

async function fail(response: Response): Promise<never> {
  let details: ProblemDetails = {};
  if (response.headers.get('Content-Type')?.includes('json')) {
    details = (await response.json().catch(() => ({}))) as ProblemDetails;
  }
  if (response.status === 401 && !response.url.endsWith('/login')) tellSignedOut();
  throw new Problem(response.status, details);
}
