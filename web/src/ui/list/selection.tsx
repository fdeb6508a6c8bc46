import { Button, MenuToggle, MenuToggleCheckbox, Dropdown, DropdownItem, DropdownList } from '@patternfly/react-core';
import { useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import { Failure } from '../Failure';
import { count } from '../format';

export interface Selection {
  ids: ReadonlySet<string>;
  /** Everything that matches the filter, also what is not loaded. */
  all: boolean;
}

const none: Selection = { ids: new Set(), all: false };

export function useSelection(order: readonly string[], question: string) {
  const [kept, setKept] = useState<{ question: string; selection: Selection }>({ question, selection: none });
  // Another filter is another question: what was selected under the old one must not be acted on unseen.
  const selection = kept.question === question ? kept.selection : none;
  const set = useCallback((next: Selection) => setKept({ question, selection: next }), [question]);
  const anchor = useRef<string | null>(null);

  const rows = useMemo(() => ({
    has: (id: string) => selection.all || selection.ids.has(id),
    toggle: (id: string, on: boolean, range: boolean) => {
      const ids = new Set(selection.all ? order : selection.ids);
      const from = range && anchor.current ? order.indexOf(anchor.current) : -1;
      const to = order.indexOf(id);
      const touched = from >= 0 ? order.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
      for (const one of touched) on ? ids.add(one) : ids.delete(one);
      anchor.current = id;
      set({ ids, all: false });
    },
  }), [selection, order, set]);

  return { selection, set, rows, clear: () => set(none) };
}

export function SelectMenu({ selection, set, loaded, total }: {
  selection: Selection;
  set: (selection: Selection) => void;
  loaded: readonly string[];
  total: number;
}) {
  const [open, setOpen] = useState(false);
  const number = selection.all ? total : selection.ids.size;
  const checked = number === 0 ? false : selection.all || loaded.every((id) => selection.ids.has(id)) ? true : null;
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          aria-label="Select rows"
          isExpanded={open}
          onClick={() => setOpen(!open)}
          splitButtonItems={[
            <MenuToggleCheckbox
              key="all"
              id="mu-select-all"
              aria-label={number ? 'Select none' : 'Select the rows that are loaded'}
              isChecked={checked}
              onChange={() => set(number ? none : { ids: new Set(loaded), all: false })}
            >
              {number ? `${count(number)} selected` : ''}
            </MenuToggleCheckbox>,
          ]}
        />
      )}
    >
      <DropdownList>
        <DropdownItem onClick={() => set(none)} isDisabled={number === 0}>Select none</DropdownItem>
        <DropdownItem onClick={() => set({ ids: new Set(loaded), all: false })}>Select the {count(loaded.length)} loaded</DropdownItem>
        <DropdownItem onClick={() => set({ ids: new Set(), all: true })}>Select all {count(total)} that match</DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}

export interface BulkAction<T> {
  title: string;
  isDanger?: boolean;
  run: (rows: T[]) => void;
}

/** Says the number in every verb, so that nobody acts on more than they see. */
export function BulkBar<T>({ number, actions, rows, clear }: {
  number: number;
  actions: readonly BulkAction<T>[];
  rows: () => Promise<T[]>;
  clear: () => void;
}): ReactNode {
  const [busy, setBusy] = useState<BulkAction<T> | null>(null);
  const [failed, setFailed] = useState<{ action: BulkAction<T>; error: unknown } | null>(null);
  if (number === 0) return null;
  const run = (action: BulkAction<T>) => {
    setBusy(action);
    setFailed(null);
    void rows().then(action.run, (error: unknown) => setFailed({ action, error })).finally(() => setBusy(null));
  };
  const button = (action: BulkAction<T>) => (
    <Button key={action.title} size="sm" variant={action.isDanger ? 'danger' : 'secondary'} isLoading={busy === action} isDisabled={busy !== null} onClick={() => run(action)}>
      {action.title} ({count(number)})
    </Button>
  );
  return (
    <>
      <div className="mu-bulk" role="region" aria-label="Selected rows">
        <strong>{count(number)} selected</strong>
        {actions.filter((a) => !a.isDanger).map(button)}
        <Button size="sm" variant="link" onClick={clear}>Select none</Button>
        {/* What destroys stands apart from what is pressed every day. */}
        <span className="mu-push mu-buttons">{actions.filter((a) => a.isDanger).map(button)}</span>
      </div>
      {failed && <Failure title={`${failed.action.title}: the selected rows cannot be read`} error={failed.error} retry={() => run(failed.action)} />}
    </>
  );
}
