import { Skeleton } from '@patternfly/react-core';
import HistoryIcon from '@patternfly/react-icons/dist/esm/icons/history-icon';
import { useMemo } from 'react';
import type { Happening } from '../api/types';
import { Nothing } from '../ui/Failure';
import type { Column, Facet } from '../ui/list/columns';
import { eventsAbout } from '../ui/list/kinds';
import { List } from '../ui/list/List';
import { Name } from '../ui/text';
import { Time } from '../ui/Time';
import { kindWord, sentence } from './sentence';

const columns: Column<Happening>[] = [
  { id: 'time', title: 'When', fixed: true, width: '7rem', value: (e) => e.time, cell: (e) => <Time at={e.time} /> },
  { id: 'what', title: 'What happened', value: sentence, cell: (e) => <Name of={sentence(e)} /> },
  { id: 'kind', title: 'Kind', width: '11rem', value: (e) => e.kind, cell: (e) => <span className="mu-quiet">{kindWord(e.kind)}</span> },
  { id: 'number', title: 'Number', extra: true, number: true, sort: 'number', value: (e) => e.number, cell: (e) => e.number },
];

const facets: Facet[] = [{ id: 'kind', title: 'Kind', word: kindWord }];

/** Everything that happened to an object, on one time line, as far back as events are kept; or only the events of one kind. */
export function ActivityTab({ subject, kind }: { subject: string | undefined; kind?: string }) {
  return subject === undefined ? <Skeleton height="12rem" screenreaderText="Loading" /> : <Activity subject={subject} kind={kind} />;
}

function Activity({ subject, kind }: { subject: string; kind: string | undefined }) {
  return (
    <List<Happening>
      isPart
      kind={useMemo(() => eventsAbout(subject, kind), [subject, kind])}
      title="Activity"
      one="event"
      many="events"
      columns={columns}
      facets={kind ? [] : facets}
      id={(e) => String(e.number)}
      name={(e) => `event ${e.number}`}
      signature={(e) => e.kind}
      empty={<Nothing icon={HistoryIcon} title="Nothing has happened lately">What people ask of it, what it reports and what goes wrong with it stands here for seven days.</Nothing>}
    />
  );
}
