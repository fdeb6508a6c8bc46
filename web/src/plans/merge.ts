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

// What stands without an option on the command line; the rest are options of the same name.
const positional = ['machine', 'image', 'token', 'task'];
const positionalOf: Record<string, readonly string[]> = { 'tokens/add': ['name'] };
// The command line asks for these itself: a secret does not belong in a clipboard, a history or a list of processes.
const secret = ['current', 'new', 'password'];

/** The same change as a line for a shell: `muster machines require-image web-1 base/1 --yes`. */
export function commandLine(operation: string, args: Record<string, unknown>): string {
  const words = ['muster', ...operation.split('/')];
  const places = positionalOf[operation] ?? positional;
  for (const name of places) if (typeof args[name] === 'string') words.push(quoted(args[name]));
  if (args.image === null) words.push('--none');
  for (const [name, value] of Object.entries(args)) {
    if (places.includes(name) || secret.includes(name) || value === null || value === undefined) continue;
    const option = `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
    if (Array.isArray(value)) words.push(option, ...value.map((one) => quoted(String(one))));
    else if (typeof value !== 'object') words.push(option, quoted(String(value)));
    else if (Object.keys(value).length === 0) words.push(`--no-${name}`);
    else words.push(option, ...Object.entries(value).map(([key, one]) => quoted(`${key}=${String(one)}`)));
  }
  // Asking for the secret is asking already.
  return (operation === 'users/change-password' ? words : [...words, '--yes']).join(' ');
}

export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
