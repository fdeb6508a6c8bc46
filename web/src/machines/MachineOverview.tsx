import { Card, CardBody, CardTitle, Grid, GridItem, Label, Progress, ProgressMeasureLocation, Skeleton } from '@patternfly/react-core';
import CheckIcon from '@patternfly/react-icons/dist/esm/icons/check-icon';
import NotEqualIcon from '@patternfly/react-icons/dist/esm/icons/not-equal-icon';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Drift, MachineDetails } from '../api/types';
import { DriftItem } from '../drift/DriftItem';
import { Feed } from '../ui/Feed';
import { bytes, count, progressed } from '../ui/format';
import { ObjectLink } from '../ui/ObjectLink';
import { Digest } from '../ui/text';
import { Time } from '../ui/Time';
import { took } from '../ui/time';
import { Conditions } from './Conditions';
import { Labels } from './Labels';

/** What is wanted beside what is seen; then the last drift, the last update, and the host. */
export function MachineOverview({ details }: { details: MachineDetails | undefined }) {
  if (!details) return <div className="mu-stack" aria-busy><Skeleton height="9rem" screenreaderText="Loading" /><Skeleton height="12rem" /></div>;
  const { summary } = details;
  return (
    <Grid hasGutter>
      {details.conditions.length > 0 && <GridItem span={12}><Conditions of={details.conditions} /></GridItem>}
      {details.seen?.progress && <GridItem span={12}><Working progress={details.seen.progress} /></GridItem>}
      <GridItem lg={7} span={12}><WantedAndSeen details={details} /></GridItem>
      <GridItem lg={5} span={12}><Host details={details} /></GridItem>
      <GridItem span={12}>
        <Card isCompact>
          <CardTitle component="h2">Latest drift</CardTitle>
          <CardBody>
            <Feed<Drift> noun="drift" path="machines/drift" query={{ machine: summary.id }} one="drift" many="drifts" empty={<p className="mu-quiet">Nothing has drifted.</p>}>
              {(items) => (
                <>
                  <ol className="mu-feed">{items.slice(0, 3).map((drift) => <DriftItem key={drift.id} drift={drift} />)}</ol>
                  {items.length > 3 && <Link to="?tab=drift">All drift</Link>}
                </>
              )}
            </Feed>
          </CardBody>
        </Card>
      </GridItem>
    </Grid>
  );
}

function Working({ progress }: { progress: NonNullable<NonNullable<MachineDetails['seen']>['progress']> }) {
  const amount = progressed(progress);
  return (
    <Progress
      title={`${progress.phase}${progress.text ? `: ${progress.text}` : ''}`}
      value={progress.total > 0 ? (100 * progress.done) / progress.total : 0}
      label={amount}
      valueText={amount}
      measureLocation={ProgressMeasureLocation.outside}
    />
  );
}

interface Line {
  title: string;
  wanted: ReactNode;
  seen: ReactNode;
  same: boolean | null;
}

function WantedAndSeen({ details }: { details: MachineDetails }) {
  const { wanted, seen, summary } = details;
  // What was seen before the connection broke may be otherwise by now.
  const stale = summary.link !== 'connected';
  const lines: Line[] = [
    {
      title: 'Image',
      wanted: wanted.image ? <ObjectLink object={wanted.image} /> : <span className="mu-quiet">none</span>,
      seen: !seen ? <span className="mu-quiet">not known</span> : wanted.tree && seen.tree === wanted.tree && wanted.image ? <ObjectLink object={wanted.image} /> : summary.differences > 0 ? <Link to="?tab=differences">{count(summary.differences)} differences</Link> : <span className="mu-quiet">–</span>,
      same: !seen || !wanted.image ? null : wanted.tree === seen.tree,
    },
    { title: 'Tree', wanted: <Digest of={wanted.tree} />, seen: <Digest of={seen?.tree} />, same: wanted.tree && seen?.tree ? wanted.tree === seen.tree : null },
    { title: 'Order', wanted: count(wanted.order), seen: seen ? count(seen.order) : '–', same: seen ? wanted.order === seen.order : null },
    ...(seen ? [
      { title: 'Changed', wanted: '0', seen: count(seen.changed), same: wanted.image ? seen.changed === 0 : null },
      { title: 'Missing', wanted: '0', seen: count(seen.missing), same: wanted.image ? seen.missing === 0 : null },
      { title: 'Extra', wanted: '0', seen: count(seen.extra), same: wanted.image ? seen.extra === 0 : null },
    ] : []),
  ];
  return (
    <Card isCompact isFullHeight>
      <CardTitle component="h2">Wanted and seen</CardTitle>
      <CardBody>
        <Table aria-label="Wanted and seen" variant="compact" borders={false} gridBreakPoint="" className="mu-wanted">
          <Thead><Tr><Th screenReaderText="What" /><Th>Wanted</Th><Th>Seen</Th><Th screenReaderText="Same or different" /></Tr></Thead>
          <Tbody>
            {lines.map((line) => (
              <Tr key={line.title} className={line.same === false && !stale ? 'mu-differs' : ''}>
                <Th scope="row">{line.title}</Th>
                <Td>{line.wanted}</Td>
                <Td>{line.seen}</Td>
                <Td>
                  {line.same === true && <Label isCompact variant="outline" {...(stale ? { color: 'grey' } : { status: 'success' })} icon={<CheckIcon />}>{stale ? 'was the same' : 'same'}</Label>}
                  {line.same === false && <Label isCompact variant="outline" {...(stale ? { color: 'grey' } : { status: 'warning' })} icon={<NotEqualIcon />}>{stale ? 'differed' : 'differs'}</Label>}
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
        <p className="mu-quiet mu-below">
          {wanted.since && <>Asked for <Time at={wanted.since} />. </>}
          {seen ? <>Seen <Time at={seen.at} />: {count(seen.files)} files, {bytes(seen.bytes)}. </> : 'Nothing has been seen of it yet. '}
          {seen?.lastUpdate && <>Last update <Time at={seen.lastUpdate.at} />: {count(seen.lastUpdate.files)} files, {bytes(seen.lastUpdate.bytes)}, applied in {took(seen.lastUpdate.appliedMicroseconds / 1000)}, neither old nor new for {took(seen.lastUpdate.windowMicroseconds / 1000)}, verified after {took(seen.lastUpdate.verifiedMicroseconds / 1000)}.</>}
        </p>
      </CardBody>
    </Card>
  );
}

function Host({ details }: { details: MachineDetails }) {
  const { summary, facts, certificate } = details;
  return (
    <Card isCompact isFullHeight>
      <CardTitle component="h2">Host</CardTitle>
      <CardBody>
        <dl className="mu-facts">
          {facts && (
            <>
              <dt>System</dt><dd>{facts.operatingSystem}, {facts.architecture}</dd>
              <dt>Kernel</dt><dd>{facts.kernel}</dd>
              <dt>Size</dt><dd>{facts.processors} processors, {bytes(facts.memoryBytes)} memory</dd>
              <dt>Root</dt><dd>{facts.rootFileSystem}</dd>
              <dt>Watches</dt><dd>{facts.events ? 'events, within milliseconds' : 'by scanning only'}{facts.culprits ? ', names who did it' : ', cannot name who did it'}</dd>
              <dt>Object cache</dt><dd>{bytes(facts.cacheBytes)} of {bytes(facts.cacheLimitBytes)}</dd>
            </>
          )}
          <dt>Address</dt><dd className="mu-mono">{summary.address ?? '–'}</dd>
          <dt>Agent</dt><dd>{summary.agentVersion ?? '–'}</dd>
          <dt>Mode</dt><dd>{summary.mode}</dd>
          <dt>Labels</dt><dd><Labels of={summary.labels} /></dd>
          <dt>Joined</dt><dd><Time at={summary.joinedAt} /></dd>
          {certificate && <><dt>Certificate</dt><dd>ends <Time at={certificate.notAfter} /></dd></>}
        </dl>
      </CardBody>
    </Card>
  );
}
