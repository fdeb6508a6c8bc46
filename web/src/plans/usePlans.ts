import { useCallback, useEffect, useRef, useState } from 'react';
import { change, Problem } from '../api/client';
import { client } from '../api/queries';
import type { ChangePath, Plan } from '../api/types';

export type Arguments = Record<string, unknown>;

export interface Refusal {
  arguments: Arguments;
  problem: Problem;
}

export type Step = 'waiting' | 'planning' | 'planned' | 'applying' | 'applied';

interface State {
  step: Step;
  plans: Plan[];
  refusals: Refusal[];
  /** How many of the requests have been answered. */
  done: number;
  /** What moved since the plan before this one. */
  moved: string | null;
}

const nothing: State = { step: 'waiting', plans: [], refusals: [], done: 0, moved: null };
const together = 6;

/** Plans requests, applies their hashes, and plans again by itself when the world has moved in between. */
export function usePlans(operation: ChangePath, requests: readonly Arguments[] | null) {
  const [state, setState] = useState<State>(nothing);
  const asked = JSON.stringify(requests);
  const run = useRef<AbortController | null>(null);

  const plan = useCallback(async (moved: string | null) => {
    run.current?.abort();
    const stop = new AbortController();
    run.current = stop;
    const all = JSON.parse(asked) as Arguments[] | null;
    if (!all) return setState(nothing);
    setState((s) => ({ ...s, step: 'planning', done: 0, refusals: [], moved }));
    const plans: Plan[] = [];
    const refusals: Refusal[] = [];
    await inParallel(all, async (args) => {
      try {
        plans.push(await change<Plan>(operation, args, { query: { plan: true }, signal: stop.signal }));
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        refusals.push({ arguments: args, problem });
      }
      if (!stop.signal.aborted) setState((s) => ({ ...s, done: plans.length + refusals.length }));
    }).catch(() => undefined);
    if (!stop.signal.aborted) setState({ step: 'planned', plans, refusals, done: all.length, moved });
  }, [operation, asked]);

  // A person who is still choosing is not planned for at each keystroke.
  useEffect(() => {
    const timer = setTimeout(() => void plan(null), 120);
    return () => {
      clearTimeout(timer);
      run.current?.abort();
    };
  }, [plan]);

  const apply = useCallback(async () => {
    setState((s) => ({ ...s, step: 'applying', done: 0, refusals: [] }));
    const refusals: Refusal[] = [];
    let stale: Problem | null = null;
    await inParallel(state.plans, async (one) => {
      try {
        await change(`plans/${one.hash.replace(/^sha256:/, '')}/apply`, {}, { key: one.hash });
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        if (problem.code === 'plan.stale') stale = problem;
        else refusals.push({ arguments: one.arguments as Arguments, problem });
      }
      setState((s) => ({ ...s, done: s.done + 1 }));
    });
    void client.invalidateQueries();
    if (stale !== null) return plan(explain(stale));
    setState((s) => ({ ...s, step: refusals.length === s.plans.length ? 'planned' : 'applied', refusals }));
  }, [state.plans, plan]);

  return { ...state, apply, again: () => void plan(null), total: requests?.length ?? 0 };
}

function explain(stale: Problem): string {
  const moved = stale.details.moved ?? [];
  if (moved.length === 0) return stale.message;
  return moved.map((fact) => `${fact.what}: was ${fact.planned ?? 'not there'}, is ${fact.now ?? 'not there'}.`).join(' ');
}

async function inParallel<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = [...all];
  const worker = async () => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: Math.min(together, rest.length) }, worker));
}
