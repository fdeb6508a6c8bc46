import { Alert, Button, ClipboardCopy, Form, FormGroup, FormHelperText, FormSelect, FormSelectOption, HelperText, HelperTextItem, Modal, ModalBody, ModalFooter, ModalHeader, TextInput } from '@patternfly/react-core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { change, Problem } from '../api/client';
import type { TokenAdded } from '../api/types';
import { client } from '../api/queries';
import { Failure } from '../ui/Failure';

const lengths: [number, string][] = [[1, 'one day'], [30, '30 days'], [90, '90 days'], [365, 'one year']];

/** The secret is shown once, here, and cannot be had again. */
export function AddToken({ close }: { close: () => void }) {
  const [name, setName] = useState('');
  const [operations, setOperations] = useState('');
  const [days, setDays] = useState(30);
  const add = useMutation({
    mutationFn: () => change<TokenAdded>('tokens/add', { name, operations: operations.split(/[\s,]+/).filter(Boolean), days }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['tokens'] }),
  });
  const secret = add.data?.token;
  const problem = add.error instanceof Problem ? add.error : null;
  const fault = problem?.fault('operations');

  return (
    <Modal isOpen variant="medium" onClose={close} aria-labelledby="token-title">
      <ModalHeader title={secret ? `Token ${name}` : 'Make a token'} labelId="token-title" />
      <ModalBody>
        {add.isError && <Failure title="No token was made" error={add.error} />}
        {secret ? (
          <div className="mu-stack">
            <ClipboardCopy isReadOnly isCode hoverTip="Copy" clickTip="Copied" textAriaLabel="Token">{secret}</ClipboardCopy>
            <Alert component="p" variant="warning" isInline isPlain title="Shown only now. Keep it where secrets are kept." />
          </div>
        ) : (
          <Form id="token-form" onSubmit={(e) => (e.preventDefault(), add.mutate())}>
            <FormGroup label="Name" fieldId="token-name" isRequired>
              <TextInput id="token-name" value={name} onChange={(_, v) => setName(v)} isRequired placeholder="what will use it" />
            </FormGroup>
            <FormGroup label="May do" fieldId="token-operations" isRequired>
              <TextInput id="token-operations" value={operations} onChange={(_, v) => setOperations(v)} isRequired spellCheck={false} placeholder="Images.* Machines.List" validated={fault ? 'error' : 'default'} />
              <FormHelperText><HelperText><HelperTextItem variant={fault ? 'error' : 'default'}>{fault ?? 'Operations or patterns of them. Never more than you may yourself.'}</HelperTextItem></HelperText></FormHelperText>
            </FormGroup>
            <FormGroup label="Works for" fieldId="token-days">
              <FormSelect id="token-days" value={days} onChange={(_, v) => setDays(Number(v))}>
                {lengths.map(([value, label]) => <FormSelectOption key={value} value={value} label={label} />)}
              </FormSelect>
            </FormGroup>
          </Form>
        )}
      </ModalBody>
      <ModalFooter>
        {secret
          ? <Button onClick={close}>Close</Button>
          : <><Button type="submit" form="token-form" isLoading={add.isPending} isDisabled={add.isPending || !name || !operations.trim()}>Make the token</Button><Button variant="link" onClick={close}>Cancel</Button></>}
      </ModalFooter>
    </Modal>
  );
}
