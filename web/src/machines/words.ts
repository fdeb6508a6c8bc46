import type { MachineSummary } from '../api/types';

const words: Record<string, string> = { inSync: 'in sync' };

export const stateWord = (state: string) => words[state] ?? state;

/** The one word for a machine. A machine that does not answer is first of all unreachable: what it was is old news. */
export function shownState(machine: Pick<MachineSummary, 'state' | 'link'>): string {
  return machine.link === 'unreachable' ? 'unreachable' : stateWord(machine.state);
}
