import type { ObjectName } from '../api/types';

export const machineAddress = (name: string) => `/machines/${encodeURIComponent(name)}`;

/** Image names are paths, and stay readable as such. */
export const imageAddress = (name: string) => `/images/${name.split('/').map(encodeURIComponent).join('/')}`;

export function objectAddress(object: ObjectName): string | null {
  if (!object.name) return null;
  if (object.kind === 'machine') return machineAddress(object.name);
  if (object.kind === 'image') return imageAddress(object.name);
  return null;
}
