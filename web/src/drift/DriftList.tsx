import { Button } from '@patternfly/react-core';
import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Drift } from '../api/types';
import { machineAddress } from '../ui/addresses';
import { Nothing } from '../ui/Failure';
import type { Column, Facet } from '../ui/list/columns';
import type { ListKind } from '../ui/list/kinds';
import { List } from '../ui/list/List';
import { StateLabel } from '../ui/StateLabel';
import { Name, PathText } from '../ui/text';
import { Time } from '../ui/Time';
import { took } from '../ui/time';
import { DriftFacts } from './DriftItem';

const machineColumn: Column<Drift> = { id: 'machine', title: 'Machine', width: '20%', value: (d) => d.machineName, cell: (d) => <Link to={`${machineAddress(d.machine)}?tab=drift`}><Name of={d.machineName} /></Link> };

const own: Column<Drift>[] = [
  { id: 'outcome', title: 'Outcome', sort: 'outcome', width: '7.5rem', value: (d) => d.outcome, cell: (d) => <StateLabel state={d.outcome} /> },
  { id: 'sentence', title: 'What happened', value: (d) => d.sentence, cell: (d) => <Sentence of={d} /> },
  { id: 'path', title: 'Path', sort: 'path', extra: true, value: (d) => d.shown, cell: (d) => <PathText path={d.path} /> },
  { id: 'process', title: 'Process', extra: true, value: (d) => d.culprit?.process, cell: (d) => (d.culprit?.process ? <Name of={d.culprit.process} /> : <span className="mu-quiet">not known</span>) },
  { id: 'login', title: 'Signed in as', extra: true, value: (d) => d.culprit?.login, cell: (d) => (d.culprit?.login ? <Name of={d.culprit.login} /> : <span className="mu-quiet">–</span>) },
  { id: 'took', title: 'Restored after', number: true, width: '8.5rem', value: (d) => (d.microseconds === undefined ? '' : d.microseconds / 1000), cell: (d) => (d.microseconds === undefined ? <span className="mu-quiet">–</span> : took(d.microseconds / 1000)) },
];
const when: Column<Drift> = { id: 'at', title: 'When', sort: 'at', fixed: true, width: '7rem', value: (d) => d.at, cell: (d) => <Time at={d.at} /> };
const fleetColumns = [when, machineColumn, ...own];
const machineColumns = [when, ...own];

const outcome: Facet = { id: 'outcome', title: 'Outcome', values: ['restored', 'reported', 'war', 'failed'], show: (v) => <StateLabel state={v} /> };
const fleetFacets: Facet[] = [{ id: 'machine', title: 'Machine' }, outcome];
const machineFacets: Facet[] = [outcome];

/** What drifted, on the whole fleet or on one machine. */
export function DriftList({ kind, isPart = false }: { kind: ListKind; isPart?: boolean }) {
  return (
    <List<Drift>
      isPart={isPart}
      kind={kind}
      title="Drift"
      one="drift"
      many="drifts"
      columns={isPart ? machineColumns : fleetColumns}
      facets={isPart ? machineFacets : fleetFacets}
      id={(d) => d.id}
      name={(d) => d.shown}
      signature={(d) => d.outcome}
      empty={<Nothing icon={CheckCircleIcon} title="Nothing has drifted">When something changes a managed file on a machine, it is named here within milliseconds: what, by whom, and what was done about it.</Nothing>}
    />
  );
}

/** The sentence, and below it on demand everything that is known of who did it. */
function Sentence({ of }: { of: Drift }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Name of={of.sentence} />{' '}
      <Button variant="link" isInline size="sm" aria-expanded={open} aria-label={`Details of ${of.shown}`} onClick={() => setOpen(!open)}>{open ? 'Less' : 'Details'}</Button>
      {open && <DriftFacts drift={of} />}
    </>
  );
}
