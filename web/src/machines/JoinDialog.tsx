import { Alert, ClipboardCopy, ClipboardCopyVariant, Form, FormGroup, FormSelect, FormSelectOption, NumberInput, Spinner, TextInput } from '@patternfly/react-core';
import { useCallback, useState } from 'react';
import { Link } from 'react-router';
import { useEvents } from '../api/live';
import type { Invitation, StreamEvent } from '../api/types';
import { PlanDrawer } from '../plans/PlanDrawer';
import { machineAddress } from '../ui/addresses';
import { plural } from '../ui/format';
import { Name } from '../ui/text';
import { Time } from '../ui/Time';

const lengths: [number, string][] = [[60, 'one hour'], [24 * 60, 'one day'], [7 * 24 * 60, 'one week']];
const mostUses = 10_000;

/** Makes the line that joins a machine, and says when one came. */
export function JoinDialog({ close }: { close: () => void }) {
  const [uses, setUses] = useState(1);
  const [minutes, setMinutes] = useState(60);
  const [name, setName] = useState('');
  const put = (value: number) => setUses(Math.min(mostUses, Math.max(1, Math.trunc(value) || 1)));
  return (
    <PlanDrawer
      title="Join a machine"
      operation="machines/invite"
      requests={[{ uses, minutes, ...(name && uses === 1 ? { name } : {}) }]}
      verb="Make the line"
      result={(answer) => <Line invitation={answer as Invitation} uses={uses} close={close} />}
      close={close}
    >
      {(fault) => (
        <Form onSubmit={(e) => e.preventDefault()}>
          <FormGroup label="How many machines" fieldId="join-uses">
            <NumberInput inputName="join-uses" inputAriaLabel="How many machines" minusBtnAriaLabel="One less" plusBtnAriaLabel="One more" value={uses} min={1} max={mostUses} onMinus={() => put(uses - 1)} onPlus={() => put(uses + 1)} onChange={(e) => put(Number((e.target as HTMLInputElement).value))} />
          </FormGroup>
          <FormGroup label="Works for" fieldId="join-minutes">
            <FormSelect id="join-minutes" value={minutes} onChange={(_, v) => setMinutes(Number(v))}>
              {lengths.map(([value, label]) => <FormSelectOption key={value} value={value} label={label} />)}
            </FormSelect>
          </FormGroup>
          {uses === 1 && (
            <FormGroup label="Name" fieldId="join-name">
              <TextInput id="join-name" value={name} onChange={(_, v) => setName(v)} placeholder="its host name" spellCheck={false} validated={fault('name') ? 'error' : 'default'} />
            </FormGroup>
          )}
        </Form>
      )}
    </PlanDrawer>
  );
}

function Line({ invitation, uses, close }: { invitation: Invitation; uses: number; close: () => void }) {
  const [joined, setJoined] = useState<{ id: string; name: string }[]>([]);
  useEvents(useCallback((event: StreamEvent | null) => {
    if (event?.kind !== 'machine.joined') return;
    const one = { id: event.subject, name: typeof event.data.name === 'string' ? event.data.name : event.subject };
    setJoined((all) => [one, ...all.filter((o) => o.id !== one.id)]);
  }, []));
  return (
    <div className="mu-stack">
      <p>Paste this on the machine, as root. It installs the agent, which dials this server; nothing else on the machine changes.</p>
      <ClipboardCopy isReadOnly isCode variant={ClipboardCopyVariant.expansion} isExpanded hoverTip="Copy" clickTip="Copied" textAriaLabel="Join line" toggleAriaLabel="Whole line">
        {invitation.line}
      </ClipboardCopy>
      <Alert component="p" variant="warning" isInline isPlain title={<>Shown only now. It works for {plural(uses, 'machine')} and ends <Time at={invitation.expiresAt} />.</>} />
      <p className="mu-quiet">To read before running: <a href={invitation.script} target="_blank" rel="noreferrer">the script</a>. Token: <code className="mu-break">{invitation.token}</code>. Fingerprints of the server's keys: <code className="mu-break">{invitation.pins.join(' ')}</code></p>
      <div role="status">
        {joined.length === 0
          ? <span className="mu-row mu-row-start"><Spinner size="md" aria-hidden /> Waiting for the machine to join</span>
          : joined.map((m) => <p key={m.id}><Link to={machineAddress(m.id)} onClick={close}><Name of={m.name} /></Link> joined.</p>)}
      </div>
    </div>
  );
}
