import type { Happening } from '../api/types';
import { stateWord } from '../machines/words';
import { taskWord } from '../tasks/words';

/** `machine.drifted` as people say it. */
export const kindWord = (kind: string) => kind.replace('.', ' ');

/** An event as a sentence. One that this page does not know yet says its kind and what it carries. */
export function sentence({ kind, data }: Pick<Happening, 'kind' | 'data'>): string {
  const { by, name, requiredImage, state, why, link, title, step, sentence: said, count } = data as Record<string, string | undefined> & { count?: number };
  switch (kind) {
    case 'machine.joined': return 'It joined.';
    case 'machine.renewed': return 'Its certificate was renewed.';
    case 'machine.deleted': return `${by ?? 'Someone'} deleted it.`;
    case 'machine.drifted': return `${said}${count && count > 1 ? ` And ${count - 1} more.` : ''}`;
    case 'machine.changed':
      if (state) return `It is ${stateWord(state)}: ${why}`;
      if (link) return `It is ${link}.`;
      // A wish for nothing leaves the image out.
      return requiredImage ? `${by} required ${requiredImage}.` : `${by} changed what is wanted of it.`;
    case 'condition.raised': return `Trouble began: ${title}.`;
    case 'condition.cleared': return `Trouble ended: ${title ?? data.code}.`;
    case 'image.added': return `${name} was added.`;
    case 'image.verified': return `${name} was verified: all of it is sound.`;
    case 'image.deleted': return `${name} was deleted.`;
    case 'task.changed': return `It is ${taskWord(state ?? '')}${why ? `: ${why}` : step ? `: ${step}` : ''}.`;
    default: return `${kindWord(kind)}: ${JSON.stringify(data)}`;
  }
}
