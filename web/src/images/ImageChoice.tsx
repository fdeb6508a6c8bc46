import { Button, Form, FormGroup, MenuToggle, Select, SelectList, SelectOption, TextInputGroup, TextInputGroupMain, type MenuToggleElement } from '@patternfly/react-core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { read } from '../api/client';
import type { ImageSummary, Page } from '../api/types';
import { bytes } from '../ui/format';
import { Time } from '../ui/Time';

/** Chooses an image by typing part of its name. `null` means: want nothing. */
export function ImageChoice({ present, chosen, choose, label = 'Image' }: {
  present: string | undefined;
  chosen: string | null | undefined;
  choose: (image: string | null | undefined) => void;
  label?: string;
}) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const images = useQuery({
    queryKey: ['images', 'choice', text],
    queryFn: ({ signal }) => read<Page<ImageSummary>>('images/list', { search: text, sort: '-createdAt', limit: 20 }, signal),
    placeholderData: keepPreviousData,
  });
  const items = images.data?.items ?? [];
  const isSettled = !images.isPlaceholderData && !images.isPending;
  const take = (image: string) => {
    choose(image);
    setText('');
    setOpen(false);
    setWaiting(false);
  };
  // Enter means the first hit of what is typed, not of what was typed a moment ago.
  const [waiting, setWaiting] = useState(false);
  const first = items[0]?.name;
  useEffect(() => {
    if (!waiting || !isSettled) return;
    setWaiting(false);
    if (first !== undefined) take(first);
  });

  return (
    <Form onSubmit={(e) => e.preventDefault()}>
      <FormGroup label={label} fieldId="image-choice">
        <Select
          isOpen={open}
          onOpenChange={setOpen}
          selected={chosen ?? ''}
          variant="typeahead"
          shouldFocusFirstItemOnOpen={false}
          popperProps={{ appendTo: 'inline' }}
          isScrollable
          onSelect={(_, value) => {
            take(String(value));
          }}
          toggle={(ref: React.Ref<MenuToggleElement>) => (
            <MenuToggle ref={ref} variant="typeahead" isFullWidth isExpanded={open} onClick={() => setOpen(!open)} aria-label="Images">
              <TextInputGroup isPlain>
                <TextInputGroupMain
                  inputId="image-choice"
                  value={open ? text : chosen ?? ''}
                  placeholder={chosen ?? present ?? 'Type part of a name'}
                  onChange={(_, value) => (setText(value), setOpen(true), setWaiting(false))}
                  onClick={() => setOpen(true)}
                  onKeyDown={(e) => {
                    if (e.key === 'Enter' && open) setWaiting(true);
                    else if (e.key === 'ArrowDown' && !open) setOpen(true);
                  }}
                  role="combobox"
                  isExpanded={open}
                  aria-controls="image-choice-list"
                  autoComplete="off"
                />
              </TextInputGroup>
            </MenuToggle>
          )}
        >
          <SelectList id="image-choice-list" aria-label="Images">
            {images.isError && <SelectOption isDisabled>The images cannot be read: {images.error.message}</SelectOption>}
            {items.length === 0 && !images.isError && <SelectOption isDisabled>{images.isFetching ? 'Looking' : 'No image is called that'}</SelectOption>}
            {items.map((image) => (
              <SelectOption key={image.id} value={image.name} description={<>{bytes(image.bytes)}, made <Time at={image.createdAt} /></>}>
                <bdi>{image.name}</bdi>{image.name === present ? ' (now)' : ''}
              </SelectOption>
            ))}
          </SelectList>
        </Select>
        {present && chosen !== null && (
          <Button variant="link" isInline className="mu-below" onClick={() => choose(null)}>Require nothing instead</Button>
        )}
        {chosen === null && <p className="mu-below">Nothing will be required. <Button variant="link" isInline onClick={() => choose(undefined)}>Choose an image</Button></p>}
      </FormGroup>
    </Form>
  );
}
