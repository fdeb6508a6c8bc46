import { Card, CardBody, CardTitle, Grid, GridItem, PageSection, Skeleton, Title } from '@patternfly/react-core';
import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import ExclamationCircleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import SyncAltIcon from '@patternfly/react-icons/dist/esm/icons/sync-alt-icon';
import UnlinkIcon from '@patternfly/react-icons/dist/esm/icons/unlink-icon';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { openConditionsQuery, useCan } from '../api/queries';
import type { Drift } from '../api/types';
import { DriftItem } from '../drift/DriftItem';
import { Conditions } from '../machines/Conditions';
import { machineWord } from '../machines/words';
import { machineAddress } from '../ui/addresses';
import { Failure, Nothing } from '../ui/Failure';
import { Feed } from '../ui/Feed';
import { StateLabel } from '../ui/StateLabel';
import { Name } from '../ui/text';
import { Tile } from '../ui/Tile';
import { tiles, troubledQuery } from './queries';

const looks: Record<string, { icon: ReactNode; tone?: 'good' | 'moving' | 'warning' | 'danger' }> = {
  all: { icon: <ServerIcon /> },
  inSync: { icon: <CheckCircleIcon />, tone: 'good' },
  moving: { icon: <SyncAltIcon />, tone: 'moving' },
  drifted: { icon: <ExclamationTriangleIcon />, tone: 'warning' },
  failed: { icon: <ExclamationCircleIcon />, tone: 'danger' },
  unreachable: { icon: <UnlinkIcon />, tone: 'warning' },
};

/** The page kind "board": numbers that lead somewhere, then what needs a person, then what happened. */
export function OverviewPage() {
  useEffect(() => {
    document.title = 'Overview · Muster';
  }, []);
  const numbers = useQueries({ queries: tiles.map((tile) => tile.query) });
  const navigate = useNavigate();
  const mayJoin = useCan('Machines.Invite');
  const empty = numbers[0]?.data?.total === 0;
  const failed = numbers.find((n) => n.isError);

  return (
    <PageSection hasBodyWrapper={false}>
      <div className="mu-title"><Title headingLevel="h1">Overview</Title></div>
      {failed && <Failure what="all numbers" error={failed.error} retry={() => numbers.forEach((n) => n.isError && void n.refetch())} />}
      {empty ? (
        <Nothing icon={ServerIcon} title="Your fleet begins with one machine" {...(mayJoin ? { action: () => void navigate('/machines?join='), actionText: 'Join a machine' } : {})}>
          Join a machine, require an image of it, and it is kept exactly like that image. What drifts is put right within milliseconds, and named here.
        </Nothing>
      ) : (
        <>
          <nav className="mu-tiles" aria-label="Machines by state">
            {tiles.map((tile, index) => (
              <Tile key={tile.id} to={tile.to} title={tile.title} value={numbers[index]?.data?.total} failed={numbers[index]?.isError ?? false} {...looks[tile.id]} />
            ))}
          </nav>
          <Grid hasGutter>
            <GridItem lg={6} span={12}><Troubled /></GridItem>
            <GridItem lg={6} span={12}><Lasting /></GridItem>
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

function Troubled() {
  const query = useQuery(troubledQuery);
  const machines = query.data?.items ?? [];
  return (
    <Card isCompact isFullHeight>
      <CardTitle component="h2">Machines that are not as wanted</CardTitle>
      <CardBody>
        {query.isError && <Failure what="machines" error={query.error} retry={() => void query.refetch()} />}
        {query.isPending && <Lines />}
        {query.data && machines.length === 0 && <p className="mu-quiet">None.</p>}
        <ul className="mu-follow">
          {machines.map((machine) => (
            <li key={machine.id}>
              <Link to={machineAddress(machine.name)}><Name of={machine.name} /></Link>
              <StateLabel state={machineWord(machine)} />
              <span className="mu-quiet mu-clip" title={machine.why}>{machine.why}</span>
            </li>
          ))}
        </ul>
        {(query.data?.total ?? 0) > machines.length && <Link to="/machines?state=failed&state=refused&state=drifted">All {query.data?.total}</Link>}
      </CardBody>
    </Card>
  );
}

function Lasting() {
  const query = useQuery(openConditionsQuery);
  const all = query.data?.items ?? [];
  return (
    <Card isCompact isFullHeight>
      <CardTitle component="h2">Conditions</CardTitle>
      <CardBody>
        {query.isError && <Failure what="conditions" error={query.error} retry={() => void query.refetch()} />}
        {query.isPending && <Lines />}
        {query.data && all.length === 0 && <p className="mu-quiet">None.</p>}
        {all.length > 0 && <Conditions of={all.slice(0, 3)} />}
        {(query.data?.total ?? 0) > 3 && <Link to="/conditions">All {query.data?.total}</Link>}
      </CardBody>
    </Card>
  );
}
