import { useCallback, useEffect, useRef, useState } from 'react';
import { change, Problem } from '../api/client';
import { client } from '../api/queries';
import type { ChangePath, Plan } from '../api/types';

export type Arguments = Record<string, unknown>;

export interface Refusal {
  request: Arguments;
  problem: Problem;
}

export interface Planned {
  request: Arguments;
  plan: Plan;
}

export interface Applied extends Planned {
  result: unknown;
}

export type Step = 'waiting' | 'planning' | 'planned' | 'applying' | 'applied';

interface State {
  step: Step;
  /** What can be applied now. */
  planned: Planned[];
  /** What could not be planned. */
  refusals: Refusal[];
  /** What was applied and what was refused then, also in the rounds before this one. */
  applied: Applied[];
  failures: Refusal[];
  /** How many of this round have been answered. */
  done: number;
  total: number;
  /** What moved since the plan before this one. */
  moved: string | null;
}

const nothing: State = { step: 'waiting', planned: [], refusals: [], applied: [], failures: [], done: 0, total: 0, moved: null };
const together = 6;

/** Plans requests and applies their hashes. Where the world has moved in between, that part, and only that, is planned again. */
export function usePlans(operation: ChangePath, requests: readonly Arguments[] | null, pause: number) {
  const [state, setState] = useState<State>(nothing);
  const asked = JSON.stringify(requests);
  const run = useRef<AbortController | null>(null);

  const plan = useCallback(async (all: readonly Arguments[] | null, kept: Partial<State> = {}) => {
    run.current?.abort();
    const stop = new AbortController();
    run.current = stop;
    if (!all) return setState(nothing);
    const before = { ...nothing, ...kept, total: all.length };
    setState((s) => ({ ...before, planned: s.planned, step: 'planning' }));
    const planned: (Planned | undefined)[] = all.map(() => undefined);
    const refusals: Refusal[] = [];
    await inParallel(all, async (request, index) => {
      try {
        planned[index] = { request, plan: await change<Plan>(operation, request, { query: { plan: true }, signal: stop.signal }) };
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        refusals.push({ request, problem });
      }
      if (!stop.signal.aborted) setState((s) => ({ ...s, done: s.done + 1 }));
    }).catch(() => undefined);
    if (stop.signal.aborted) return;
    setState({ ...before, step: 'planned', planned: planned.filter((one) => one !== undefined), refusals, done: all.length });
  }, [operation]);

  // A person who is still choosing is not planned for at each keystroke.
  useEffect(() => {
    const timer = setTimeout(() => void plan(JSON.parse(asked) as Arguments[] | null), pause);
    return () => {
      clearTimeout(timer);
      run.current?.abort();
    };
  }, [plan, asked, pause]);

  const apply = async () => {
    setState((s) => ({ ...s, step: 'applying', done: 0, total: s.planned.length, refusals: [], moved: null }));
    const applied = [...state.applied];
    const failures = [...state.failures];
    // In the order of what was asked, whichever is answered first.
    const refused: (Refusal | undefined)[] = state.planned.map(() => undefined);
    await inParallel(state.planned, async ({ request, plan: one }, index) => {
      try {
        applied.push({ request, plan: one, result: await change(`plans/${one.hash}/apply`, {}, { key: one.hash }) });
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        refused[index] = { request, problem };
      }
      setState((s) => ({ ...s, done: s.done + 1 }));
    });
    void client.invalidateQueries();
    const stale = refused.filter((one) => one?.problem.code === 'plan.stale') as Refusal[];
    failures.push(...refused.filter((one) => one !== undefined && one.problem.code !== 'plan.stale') as Refusal[]);
    if (stale.length > 0) return plan(stale.map((one) => one.request), { applied, failures, moved: explain(stale) });
    setState((s) => ({ ...s, step: applied.length > 0 ? 'applied' : 'planned', planned: applied.length > 0 ? [] : s.planned, applied, failures }));
  };

  /** What was refused, once more; what was applied stays applied. */
  const again = () => void plan([...state.planned, ...state.refusals, ...state.failures].map((one) => one.request), { applied: state.applied });

  return { ...state, apply, again };
}

function explain(stale: readonly Refusal[]): string {
  const [first, ...more] = stale as [Refusal, ...Refusal[]];
  const moved = first.problem.details.moved ?? [];
  const what = moved.length === 0 ? first.problem.message : moved.map((fact) => `${fact.what}: was ${fact.planned ?? 'not there'}, is ${fact.now ?? 'not there'}.`).join(' ');
  return more.length === 0 ? what : `${what} And ${more.length} more.`;
}

async function inParallel<T>(all: readonly T[], work: (one: T, index: number) => Promise<void>): Promise<void> {
  const rest = [...all.entries()];
  const worker = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) await work(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: Math.min(together, rest.length) }, worker));
}
