import { Checkbox, Label, LabelGroup, SearchInput } from '@patternfly/react-core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { showQuery } from '../api/queries';
import type { MachineSummary, Page } from '../api/types';
import { MachineState } from '../machines/MachineState';
import { PathChanges } from '../plans/PathChanges';
import { PlanDrawer } from '../plans/PlanDrawer';
import { Failure } from '../ui/Failure';
import { count, plural } from '../ui/format';
import { Name } from '../ui/text';

const most = 12;

/** From an image to the machines that shall be like it. For hundreds at once the list of machines selects them. */
export function RequireOnMachines({ image, close }: { image: string; close: () => void }) {
  const [chosen, setChosen] = useState<readonly MachineSummary[]>([]);
  return (
    <PlanDrawer
      title={`Require ${image} on machines`}
      operation="machines/require-image"
      requests={chosen.length === 0 ? null : chosen.map((m) => ({ machine: m.name, image }))}
      sentence={`Require ${image} on ${plural(chosen.length, 'machine')}`}
      verb="Require"
      inside={(change) => chosen.length === 1 && chosen[0]?.mode === 'image' && <PathChanges machine={change.object.id} image={image} />}
      close={close}
    >
      <MachineChoice chosen={chosen} choose={setChosen} />
    </PlanDrawer>
  );
}

function MachineChoice({ chosen, choose }: { chosen: readonly MachineSummary[]; choose: (machines: readonly MachineSummary[]) => void }) {
  const [text, setText] = useState('');
  const [search, setSearch] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSearch(text.trim()), 150);
    return () => clearTimeout(timer);
  }, [text]);
  const found = useQuery({ ...showQuery<Page<MachineSummary>>('machines', 'machines/list', { search, limit: most }), placeholderData: keepPreviousData });
  const is = (machine: MachineSummary) => chosen.some((one) => one.id === machine.id);
  const toggle = (machine: MachineSummary) => choose(is(machine) ? chosen.filter((one) => one.id !== machine.id) : [...chosen, machine]);
  return (
    <section aria-label="Machines to choose" className="mu-stack">
      {chosen.length > 0 && (
        <LabelGroup categoryName="Chosen" numLabels={20}>
          {chosen.map((m) => <Label key={m.id} variant="outline" onClose={() => toggle(m)} closeBtnAriaLabel={`Leave out ${m.name}`}><Name of={m.name} /></Label>)}
        </LabelGroup>
      )}
      <SearchInput aria-label="Find machines" placeholder="Find machines" value={text} onChange={(_, v) => setText(v)} onClear={() => setText('')} />
      {found.isError && <Failure what="machines" error={found.error} retry={() => void found.refetch()} />}
      <ul className="mu-follow">
        {found.data?.items.map((m) => (
          <li key={m.id}>
            <Checkbox id={`choose-${m.id}`} label={<Name of={m.name} />} isChecked={is(m)} onChange={() => toggle(m)} />
            <MachineState machine={m} />
            <span className="mu-quiet">{m.requiredImage?.name}</span>
          </li>
        ))}
      </ul>
      {found.data?.total === 0 && <p className="mu-quiet">No machine is called that.</p>}
      {(found.data?.total ?? 0) > most && <p className="mu-quiet">and {count((found.data?.total ?? 0) - most)} more; type part of a name.</p>}
    </section>
  );
}
