import type { Plan, PlanChange, PlanEffect } from '../api/types';

/** Several plans of one kind as one reads them: numbers added up, equal warnings said once. */
export function merge(plans: readonly Plan[]): { effects: PlanEffect[]; warnings: string[]; changes: PlanChange[] } {
  const effects = new Map<string, PlanEffect>();
  const warnings = new Map<string, number>();
  const changes = new Map<string, PlanChange>();
  for (const plan of plans) {
    for (const effect of plan.effects) {
      const before = effects.get(effect.name);
      effects.set(effect.name, before ? { ...before, value: before.value + effect.value, forecast: before.forecast || effect.forecast } : effect);
    }
    for (const warning of plan.warnings) warnings.set(warning, (warnings.get(warning) ?? 0) + 1);
    for (const change of plan.changes) changes.set(JSON.stringify(change), change);
  }
  return {
    effects: [...effects.values()],
    warnings: [...warnings].map(([text, times]) => (times > 1 ? `${text} (${times} times)` : text)),
    changes: [...changes.values()],
  };
}

/** The same change as a line for a shell: `muster machines require-image --machine web-1 --image base/1 --yes`. */
export function commandLine(operation: string, args: Record<string, unknown>): string {
  const words = ['muster', ...operation.split('/')];
  for (const [name, value] of Object.entries(args)) {
    if (value === null || value === undefined) continue;
    words.push(`--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`);
    words.push(quoted(typeof value === 'object' ? JSON.stringify(value) : String(value)));
  }
  return [...words, '--yes'].join(' ');
}

export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
