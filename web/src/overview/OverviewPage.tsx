import { Card, CardBody, CardTitle, Grid, GridItem, PageSection, Skeleton, Title } from '@patternfly/react-core';
import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import ExclamationCircleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import SyncAltIcon from '@patternfly/react-icons/dist/esm/icons/sync-alt-icon';
import UnknownIcon from '@patternfly/react-icons/dist/esm/icons/unknown-icon';
import UnlinkIcon from '@patternfly/react-icons/dist/esm/icons/unlink-icon';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { openConditionsQuery, useCan } from '../api/queries';
import type { Condition, Drift, MachineSummary, Page } from '../api/types';
import { DriftItem } from '../drift/DriftItem';
import { Conditions } from '../machines/Conditions';
import { MachineState } from '../machines/MachineState';
import { machineAddress } from '../ui/addresses';
import { Failure, Nothing } from '../ui/Failure';
import { Feed } from '../ui/Feed';
import { Name } from '../ui/text';
import { Tile } from '../ui/Tile';
import { numbersQuery, tileAddress, tileNumber, tiles, troubledQuery, troubledStates } from './queries';

const looks: Record<string, { icon: ReactNode; tone?: 'good' | 'moving' | 'warning' | 'danger' }> = {
  all: { icon: <ServerIcon /> },
  inSync: { icon: <CheckCircleIcon />, tone: 'good' },
  moving: { icon: <SyncAltIcon />, tone: 'moving' },
  drifted: { icon: <ExclamationTriangleIcon />, tone: 'warning' },
  failed: { icon: <ExclamationCircleIcon />, tone: 'danger' },
  unreachable: { icon: <UnlinkIcon />, tone: 'warning' },
  unknown: { icon: <UnknownIcon /> },
};

/** The page kind "board": numbers that lead somewhere, then what needs a person, then what happened. */
export function OverviewPage() {
  useEffect(() => {
    document.title = 'Overview · Muster';
  }, []);
  const numbers = useQuery(numbersQuery);
  const navigate = useNavigate();
  const mayJoin = useCan('Machines.Invite');
  const empty = numbers.data?.total === 0;

  return (
    <PageSection hasBodyWrapper={false}>
      <div className="mu-title"><Title headingLevel="h1">Overview</Title></div>
      {numbers.isError && <Failure what="the numbers" error={numbers.error} retry={() => void numbers.refetch()} />}
      {empty ? (
        <Nothing icon={ServerIcon} title="Your fleet begins with one machine" {...(mayJoin ? { action: () => void navigate('/machines?join='), actionText: 'Join a machine' } : {})}>
          Join a machine, require an image of it, and it is kept exactly like that image. What drifts is put right within milliseconds, and named here.
        </Nothing>
      ) : (
        <>
          <nav className="mu-tiles" aria-label="Machines by state">
            {tiles.map((tile) => (
              <Tile key={tile.id} to={tileAddress(tile.states)} title={tile.title} value={tileNumber(tile.states, numbers.data)} failed={numbers.isError} {...looks[tile.id]} />
            ))}
          </nav>
          <Grid hasGutter>
            <Needs />
            <GridItem span={12}>
              <Card isCompact>
                <CardTitle component="h2">Latest drift</CardTitle>
                <CardBody>
                  <Feed<Drift> noun="drift" path="machines/drift" query={{}} one="drift" many="drifts" empty={<p className="mu-quiet">Nothing has drifted.</p>}>
                    {(items) => (
                      <>
                        <ol className="mu-feed" aria-label="Latest drift">{items.slice(0, 6).map((drift) => <DriftItem key={drift.id} drift={drift} withMachine />)}</ol>
                        <Link to="/drift">All drift</Link>
                      </>
                    )}
                  </Feed>
                </CardBody>
              </Card>
            </GridItem>
          </Grid>
        </>
      )}
    </PageSection>
  );
}

function Lines() {
  return <div className="mu-stack" aria-busy>{[80, 60, 70, 50].map((width) => <Skeleton key={width} width={`${width}%`} screenreaderText={width === 80 ? 'Loading' : ''} />)}</div>;
}

/** What needs a person. A card that would only say "none" leaves its room to the other. */
function Needs() {
  const troubled = useQuery(troubledQuery);
  const lasting = useQuery(openConditionsQuery);
  const quiet = [troubled, lasting].map((query) => query.data?.items.length === 0 && !query.isError);
  if (quiet[0] && quiet[1]) {
    return <GridItem span={12}><p className="mu-calm"><CheckCircleIcon /> Every machine is as wanted or on its way, and no trouble lasts.</p></GridItem>;
  }
  const lg = quiet[0] || quiet[1] ? 12 : 6;
  return (
    <>
      {!quiet[0] && <GridItem lg={lg} span={12}><Troubled query={troubled} /></GridItem>}
      {!quiet[1] && <GridItem lg={lg} span={12}><Lasting query={lasting} /></GridItem>}
    </>
  );
}

function Troubled({ query }: { query: UseQueryResult<Page<MachineSummary>> }) {
  const machines = query.data?.items ?? [];
  return (
    <Card isCompact isFullHeight>
      <CardTitle component="h2">Machines to look at</CardTitle>
      <CardBody>
        {query.isError && <Failure what="machines" error={query.error} retry={() => void query.refetch()} />}
        {query.isPending && <Lines />}
        <ul className="mu-follow">
          {machines.map((machine) => (
            <li key={machine.id}>
              <Link to={machineAddress(machine.id)}><Name of={machine.name} /></Link>
              <MachineState machine={machine} />
              <span className="mu-quiet mu-clip" title={machine.why}>{machine.why}</span>
            </li>
          ))}
        </ul>
        {(query.data?.total ?? 0) > machines.length && <Link to={tileAddress(troubledStates)}>All {query.data?.total}</Link>}
      </CardBody>
    </Card>
  );
}

function Lasting({ query }: { query: UseQueryResult<Page<Condition>> }) {
  const all = query.data?.items ?? [];
  return (
    <Card isCompact isFullHeight>
      <CardTitle component="h2">Conditions</CardTitle>
      <CardBody>
        {query.isError && <Failure what="conditions" error={query.error} retry={() => void query.refetch()} />}
        {query.isPending && <Lines />}
        {all.length > 0 && <Conditions of={all.slice(0, 3)} />}
        {(query.data?.total ?? 0) > 3 && <Link to="/conditions">All {query.data?.total}</Link>}
      </CardBody>
    </Card>
  );
}
