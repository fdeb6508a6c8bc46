import { Alert, Button, ClipboardCopy, ClipboardCopyVariant, Form, FormGroup, FormSelect, FormSelectOption, Modal, ModalBody, ModalFooter, ModalHeader, NumberInput, Spinner, TextInput } from '@patternfly/react-core';
import { useMutation } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { Link } from 'react-router';
import { change } from '../api/client';
import { useEvents } from '../api/live';
import type { Invitation, ObjectName, StreamEvent } from '../api/types';
import { machineAddress } from '../ui/addresses';
import { Failure } from '../ui/Failure';
import { plural } from '../ui/format';
import { Name } from '../ui/text';
import { Time } from '../ui/Time';

const lengths: [number, string][] = [[60, 'one hour'], [24 * 60, 'one day'], [7 * 24 * 60, 'one week']];

/** Makes the line that joins a machine, and says when one came. */
export function JoinDialog({ close }: { close: () => void }) {
  const [uses, setUses] = useState(1);
  const [minutes, setMinutes] = useState(60);
  const [name, setName] = useState('');
  const [joined, setJoined] = useState<ObjectName[]>([]);
  const invite = useMutation({
    mutationFn: () => change<Invitation>('machines/invite', { uses, minutes, ...(name && uses === 1 ? { name } : {}) }),
  });
  useEvents(useCallback((event: StreamEvent | null) => {
    if (event?.kind === 'machine.joined') setJoined((all) => [{ kind: 'machine', id: event.subject, name: typeof event.data.name === 'string' ? event.data.name : event.subject }, ...all.filter((o) => o.id !== event.subject)]);
  }, []));
  const invitation = invite.data;

  return (
    <Modal isOpen variant="medium" onClose={close} aria-labelledby="join-title">
      <ModalHeader title={invitation ? 'Paste this on the machine' : 'Join a machine'} labelId="join-title" description={invitation ? 'As root. It installs the agent, which dials this server; nothing else on the machine changes.' : 'The line you get works for a limited time and a limited number of machines.'} />
      <ModalBody>
        {invite.isError && <Failure title="No line was made" error={invite.error} />}
        {!invitation && (
          <Form id="join-form" onSubmit={(e) => (e.preventDefault(), invite.mutate())}>
            <FormGroup label="How many machines" fieldId="join-uses">
              <NumberInput inputName="join-uses" inputAriaLabel="How many machines" minusBtnAriaLabel="One less" plusBtnAriaLabel="One more" value={uses} min={1} max={10_000} onMinus={() => setUses(Math.max(1, uses - 1))} onPlus={() => setUses(uses + 1)} onChange={(e) => setUses(Math.min(10_000, Math.max(1, Math.trunc(Number((e.target as HTMLInputElement).value)) || 1)))} />
            </FormGroup>
            <FormGroup label="Works for" fieldId="join-minutes">
              <FormSelect id="join-minutes" value={minutes} onChange={(_, v) => setMinutes(Number(v))}>
                {lengths.map(([value, label]) => <FormSelectOption key={value} value={value} label={label} />)}
              </FormSelect>
            </FormGroup>
            {uses === 1 && (
              <FormGroup label="Name" fieldId="join-name">
                <TextInput id="join-name" value={name} onChange={(_, v) => setName(v)} placeholder="its host name" spellCheck={false} />
              </FormGroup>
            )}
          </Form>
        )}
        {invitation && (
          <div className="mu-stack">
            <ClipboardCopy isReadOnly isCode variant={ClipboardCopyVariant.expansion} isExpanded hoverTip="Copy" clickTip="Copied" textAriaLabel="Join line" toggleAriaLabel="Whole line">
              {invitation.line}
            </ClipboardCopy>
            <Alert component="p" variant="warning" isInline isPlain title={<>Shown only now. It works for {plural(uses, 'machine')} and ends <Time at={invitation.expiresAt} />.</>} />
            <p className="mu-quiet">To read before running: <a href={invitation.script} target="_blank" rel="noreferrer">the script</a>. Token: <code className="mu-break">{invitation.token}</code></p>
            <div role="status">
              {joined.length === 0
                ? <span className="mu-row mu-row-start"><Spinner size="md" aria-hidden /> Waiting for the machine to join</span>
                : joined.map((m) => <p key={m.id}><Link to={machineAddress(m.name)} onClick={close}><Name of={m.name} /></Link> joined.</p>)}
            </div>
          </div>
        )}
      </ModalBody>
      <ModalFooter>
        {invitation
          ? <Button onClick={close}>Close</Button>
          : <><Button type="submit" form="join-form" isLoading={invite.isPending} isDisabled={invite.isPending}>Make the line</Button><Button variant="link" onClick={close}>Cancel</Button></>}
      </ModalFooter>
    </Modal>
  );
}
