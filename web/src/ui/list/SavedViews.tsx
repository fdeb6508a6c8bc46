import { Button, Divider, Dropdown, DropdownItem, DropdownList, Form, FormGroup, MenuToggle, Modal, ModalBody, ModalFooter, ModalHeader, TextInput } from '@patternfly/react-core';
import BookmarkIcon from '@patternfly/react-icons/dist/esm/icons/bookmark-icon';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import type { ListKind } from './kinds';
import { readViews, withView, type View } from './views';

/** Filters, order and columns under a name. */
export function SavedViews({ kind }: { kind: ListKind }) {
  const key = `muster.views.${kind.path}`;
  const [views, setViews] = useState(() => readViews(localStorage.getItem(key)));
  const [open, setOpen] = useState(false);
  const [naming, setNaming] = useState<string | null>(null);
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const current = search.toString();
  const shown = views.find((v) => v.search === current);
  const keep = (next: View[]) => {
    localStorage.setItem(key, JSON.stringify(next));
    setViews(next);
  };

  return (
    <>
      <Dropdown
        isOpen={open}
        onOpenChange={setOpen}
        onSelect={() => setOpen(false)}
        popperProps={{ position: 'right' }}
        toggle={(ref) => <MenuToggle ref={ref} variant="plain" aria-label="Saved views" isExpanded={open} onClick={() => setOpen(!open)} icon={<BookmarkIcon />} />}
      >
        <DropdownList>
          {views.map((view) => (
            <DropdownItem key={view.name} isSelected={view === shown} onClick={() => void navigate(`?${view.search}`)}><bdi>{view.name}</bdi></DropdownItem>
          ))}
          {views.length > 0 && <Divider />}
          <DropdownItem onClick={() => setNaming('')} isDisabled={current === ''} {...(current === '' ? { description: 'Filter, sort or choose columns first' } : {})}>Save this view</DropdownItem>
          {shown && <DropdownItem onClick={() => keep(views.filter((v) => v !== shown))}>Forget {shown.name}</DropdownItem>}
        </DropdownList>
      </Dropdown>
      {naming !== null && (
        <Modal isOpen variant="small" onClose={() => setNaming(null)} aria-labelledby="view-title">
          <ModalHeader title="Save this view" labelId="view-title" description="Kept in this browser. The address of the page shows the same to everybody." />
          <ModalBody>
            <Form id="view-form" onSubmit={(e) => (e.preventDefault(), keep(withView(views, { name: naming.trim(), search: current })), setNaming(null))}>
              <FormGroup label="Name" fieldId="view-name">
                <TextInput id="view-name" value={naming} onChange={(_, v) => setNaming(v)} />
              </FormGroup>
            </Form>
          </ModalBody>
          <ModalFooter>
            <Button type="submit" form="view-form" isDisabled={!naming.trim()}>Save</Button>
            <Button variant="link" onClick={() => setNaming(null)}>Cancel</Button>
          </ModalFooter>
        </Modal>
      )}
    </>
  );
}
