import { Button, Form, FormGroup, FormHelperText, HelperText, HelperTextItem, Radio, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import type { MachineMode, MachineSummary } from '../api/types';
import { PathChanges } from '../plans/PathChanges';
import { PlanDrawer } from '../plans/PlanDrawer';
import { plural } from '../ui/format';
import { ImageChoice } from '../images/ImageChoice';

interface Props {
  machines: readonly MachineSummary[];
  close: () => void;
}

const many = (machines: readonly MachineSummary[]) => plural(machines.length, 'machine');
const onlyName = (machines: readonly MachineSummary[]) => (machines.length === 1 ? (machines[0] as MachineSummary).name : many(machines));

export function RequireImage({ machines, close }: Props) {
  const same = new Set(machines.map((m) => m.requiredImage?.name));
  const present = same.size === 1 ? [...same][0] : undefined;
  const [image, setImage] = useState<string | null | undefined>(undefined);
  const monitored = new Map(machines.map((m) => [m.id, m.mode === 'monitor']));
  return (
    <PlanDrawer
      title={`Require image: ${onlyName(machines)}`}
      operation="machines/require-image"
      requests={image === undefined ? null : machines.map((m) => ({ machine: m.name, image }))}
      sentence={image ? `Require ${image} on ${many(machines)}` : `Require nothing of ${many(machines)}`}
      verb="Require"
      inside={(change) => image && monitored.get(change.object.id) === false && <Paths machine={change.object.id} image={image} isOpen={machines.length === 1} />}
      close={close}
    >
      <ImageChoice present={present} chosen={image} choose={setImage} />
    </PlanDrawer>
  );
}

/** Asked at once for one machine; for many, for those that someone looks into. */
function Paths({ machine, image, isOpen }: { machine: string; image: string; isOpen: boolean }) {
  const [open, setOpen] = useState(isOpen);
  return open ? <PathChanges machine={machine} image={image} /> : <Button variant="link" isInline onClick={() => setOpen(true)}>Show the paths that change</Button>;
}

export function EditMachines({ machines, close }: Props) {
  const single = machines.length === 1 ? machines[0] : undefined;
  const [name, setName] = useState(single?.name ?? '');
  const [mode, setMode] = useState<MachineMode | null>(single?.mode ?? null);
  const [labels, setLabels] = useState(single ? writeLabels(single.labels) : '');
  const read = readLabels(labels);

  const change = {
    ...(single && name !== single.name ? { name } : {}),
    ...(mode && machines.some((m) => m.mode !== mode) ? { mode } : {}),
    ...(single && labels !== writeLabels(single.labels) ? { labels: read } : {}),
  };
  return (
    <PlanDrawer
      title={`Edit ${onlyName(machines)}`}
      operation="machines/edit"
      requests={Object.keys(change).length === 0 ? null : machines.map((m) => ({ machine: m.name, ...change }))}
      sentence={`Set mode ${mode ?? ''} on ${many(machines)}`}
      verb="Save"
      close={close}
    >
      <Form onSubmit={(e) => e.preventDefault()}>
        {single && (
          <FormGroup label="Name" fieldId="machine-name">
            <TextInput id="machine-name" value={name} onChange={(_, v) => setName(v)} spellCheck={false} />
          </FormGroup>
        )}
        <FormGroup label="Mode" role="radiogroup" fieldId="machine-mode">
          <Radio id="mode-image" name="mode" label="image" description="Kept exactly like its required image." isChecked={mode === 'image'} onChange={() => setMode('image')} />
          <Radio id="mode-monitor" name="mode" label="monitor" description="Differences are reported, nothing is changed." isChecked={mode === 'monitor'} onChange={() => setMode('monitor')} />
        </FormGroup>
        {single && (
          <FormGroup label="Labels" fieldId="machine-labels">
            <TextInput id="machine-labels" value={labels} onChange={(_, v) => setLabels(v)} spellCheck={false} placeholder="role=web, env=prod" />
            <FormHelperText><HelperText><HelperTextItem>key=value, separated by commas. They replace the present ones.</HelperTextItem></HelperText></FormHelperText>
          </FormGroup>
        )}
      </Form>
    </PlanDrawer>
  );
}

export function DeleteMachines({ machines, close }: Props) {
  return (
    <PlanDrawer
      title={`Delete ${onlyName(machines)}`}
      operation="machines/delete"
      requests={machines.map((m) => ({ machine: m.name }))}
      sentence={`Forget ${many(machines)} and revoke their certificates`}
      verb="Delete"
      danger={onlyName(machines)}
      close={close}
    />
  );
}

function writeLabels(labels: Record<string, string>): string {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(', ');
}

function readLabels(text: string): Record<string, string> {
  return Object.fromEntries(text.split(',').map((pair) => pair.trim()).filter(Boolean).map((pair) => {
    const at = pair.indexOf('=');
    return at < 0 ? [pair, ''] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
  }));
}
