import type { ObjectName } from '../api/types';

// By id: a link still leads there after a rename. The pages take a name as well, as a person would type it.
export const machineAddress = (id: string) => `/machines/${encodeURIComponent(id)}`;
export const imageAddress = (id: string) => `/images/${id.split('/').map(encodeURIComponent).join('/')}`;

export const taskAddress = (id: string) => `/tasks/${encodeURIComponent(id)}`;

export function objectAddress({ kind, id }: ObjectName): string | null {
  if (!id) return null;
  if (kind === 'machine') return machineAddress(id);
  if (kind === 'image') return imageAddress(id);
  if (kind === 'task') return taskAddress(id);
  return null;
}
