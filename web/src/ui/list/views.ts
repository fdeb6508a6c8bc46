/** A list's address under a name, kept in this browser. */
export interface View {
  name: string;
  search: string;
}

export function readViews(stored: string | null): View[] {
  try {
    const views: unknown = JSON.parse(stored ?? '[]');
    return Array.isArray(views) ? views.filter((v): v is View => typeof v?.name === 'string' && typeof v?.search === 'string') : [];
  } catch {
    return [];
  }
}

/** With one more, in the order of their names; a name that is there already means something else from now on. */
export function withView(views: readonly View[], view: View): View[] {
  return [...views.filter((v) => v.name !== view.name), view].sort((a, b) => a.name.localeCompare(b.name));
}
