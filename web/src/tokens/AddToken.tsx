import { Alert, ClipboardCopy, Form, FormGroup, FormHelperText, FormSelect, FormSelectOption, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import type { TokenAdded } from '../api/types';
import { PlanDrawer } from '../plans/PlanDrawer';

const lengths: [number, string][] = [[1, 'one day'], [30, '30 days'], [90, '90 days'], [365, 'one year']];
// Half a pattern is not planned while it is being typed.
const pause = 400;

/** The secret is shown once, here, and cannot be had again. */
export function AddToken({ close }: { close: () => void }) {
  const [name, setName] = useState('');
  const [typed, setTyped] = useState('');
  const [days, setDays] = useState(30);
  const operations = typed.split(/[\s,]+/).filter(Boolean);
  return (
    <PlanDrawer
      title="Make a token"
      operation="tokens/add"
      requests={name && operations.length > 0 ? [{ name, operations, days }] : null}
      verb="Make the token"
      pause={pause}
      result={(answer) => <Secret of={answer as TokenAdded} />}
      close={close}
    >
      {(fault) => (
        <Form onSubmit={(e) => e.preventDefault()}>
          <FormGroup label="Name" fieldId="token-name" isRequired>
            <TextInput id="token-name" value={name} onChange={(_, v) => setName(v)} isRequired placeholder="what will use it" validated={fault('name') ? 'error' : 'default'} />
          </FormGroup>
          <FormGroup label="May do" fieldId="token-operations" isRequired>
            <TextInput id="token-operations" value={typed} onChange={(_, v) => setTyped(v)} isRequired spellCheck={false} placeholder="Images.* Machines.List" validated={fault('operations') ? 'error' : 'default'} />
            <FormHelperText><HelperText><HelperTextItem variant={fault('operations') ? 'error' : 'default'}>{fault('operations') ?? 'Operations or patterns of them. Never more than you may yourself.'}</HelperTextItem></HelperText></FormHelperText>
          </FormGroup>
          <FormGroup label="Works for" fieldId="token-days">
            <FormSelect id="token-days" value={days} onChange={(_, v) => setDays(Number(v))}>
              {lengths.map(([value, label]) => <FormSelectOption key={value} value={value} label={label} />)}
            </FormSelect>
          </FormGroup>
        </Form>
      )}
    </PlanDrawer>
  );
}

function Secret({ of }: { of: TokenAdded }) {
  return (
    <div className="mu-stack">
      <p>Token <strong><bdi>{of.name}</bdi></strong></p>
      <ClipboardCopy isReadOnly isCode hoverTip="Copy" clickTip="Copied" textAriaLabel="Token">{of.token}</ClipboardCopy>
      <Alert component="p" variant="warning" isInline isPlain title="Shown only now. Keep it where secrets are kept." />
    </div>
  );
}
