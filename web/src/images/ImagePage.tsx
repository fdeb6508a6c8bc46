import { Alert, Button, Card, CardBody, CardTitle, CodeBlock, CodeBlockCode, Grid, GridItem, Label, LabelGroup, Skeleton } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useParams, useSearchParams } from 'react-router';
import { showQuery } from '../api/queries';
import type { ImageDetails } from '../api/types';
import { ActivityTab } from '../events/ActivityTab';
import { TasksAbout } from '../tasks/TasksAbout';
import { bytes, count } from '../ui/format';
import { ObjectPage } from '../ui/object/ObjectPage';
import { ObjectLink } from '../ui/ObjectLink';
import { Digest, Name } from '../ui/text';
import { Time } from '../ui/Time';
import { useImageActions } from './actions';
import { DiffTab } from './DiffTab';
import { FilesTab } from './FilesTab';

export function ImagePage() {
  const asked = useParams()['*'] ?? '';
  const query = useQuery(showQuery<ImageDetails>('images', 'images/show', { image: asked }));
  const actions = useImageActions();
  const [, setSearch] = useSearchParams();
  const image = query.data?.summary;
  return (
    <ObjectPage
      kind="image"
      name={image?.name}
      parent={{ to: '/images', title: 'Images' }}
      query={query}
      why={image && <>{count(image.files)} files, {bytes(image.bytes)}, made <Time at={image.createdAt} /> by <Name of={image.createdBy} />.</>}
      buttons={image && (
        <>
          {actions.mayRequire && <Button variant="secondary" onClick={() => actions.require(image)}>Require on machines</Button>}
          {actions.mayVerify && <Button variant="secondary" onClick={() => actions.verify(image)}>Verify</Button>}
        </>
      )}
      more={image ? [{ title: 'Compare', run: () => setSearch({ tab: 'diff' }) }, { title: 'Delete', run: () => actions.remove([image]), isDisabled: !actions.mayDelete, isDanger: true }] : []}
      tabs={[
        { id: 'overview', title: 'Overview', content: () => <ImageOverview details={query.data} /> },
        { id: 'files', title: 'Files', content: () => <FilesTab image={asked} /> },
        { id: 'diff', title: 'Compare', content: () => <DiffTab image={asked} name={image?.name ?? asked} /> },
        { id: 'activity', title: 'Activity', content: () => <><TasksAbout subject={image?.id} /><ActivityTab subject={image?.id} /></> },
      ]}
    />
  );
}

function ImageOverview({ details }: { details: ImageDetails | undefined }) {
  if (!details) return <div className="mu-stack" aria-busy><Skeleton height="12rem" screenreaderText="Loading" /></div>;
  const { summary } = details;
  return (
    <Grid hasGutter>
      {summary.damaged > 0 && (
        <GridItem span={12}>
          <Alert isInline variant="danger" component="h2" title={`${count(summary.damaged)} ${summary.damaged === 1 ? 'object' : 'objects'} of this image ${summary.damaged === 1 ? 'is' : 'are'} damaged in the store`}>
            Machines that lack them cannot become like it. Adding an image that has the same content again, under any name, heals them.
          </Alert>
        </GridItem>
      )}
      <GridItem lg={6} span={12}>
        <Card isCompact isFullHeight>
          <CardTitle component="h2">Content</CardTitle>
          <CardBody>
            <dl className="mu-facts">
              <dt>Image digest</dt><dd><Digest of={summary.image} /></dd>
              <dt>Tree digest</dt><dd><Digest of={summary.tree} /></dd>
              <dt>Entries</dt><dd>{count(summary.entries)}</dd>
              <dt>Files</dt><dd>{count(summary.files)}</dd>
              <dt>Size</dt><dd>{bytes(summary.bytes)}</dd>
              {details.metadata.map((pair) => <div key={pair.key}><dt><Name of={pair.key ?? ''} /></dt><dd><Name of={pair.value ?? ''} /></dd></div>)}
            </dl>
          </CardBody>
        </Card>
      </GridItem>
      <GridItem lg={6} span={12}>
        <Card isCompact isFullHeight>
          <CardTitle component="h2">Required by</CardTitle>
          <CardBody>
            {details.requiredBy.length === 0 ? <p className="mu-quiet">No machine requires it.</p> : (
              <LabelGroup numLabels={24} aria-label="Machines">
                {details.requiredBy.map((machine) => <Label key={machine.id} variant="outline"><ObjectLink object={machine} /></Label>)}
              </LabelGroup>
            )}
          </CardBody>
        </Card>
      </GridItem>
      <GridItem span={12}>
        <Card isCompact>
          <CardTitle component="h2">Filter</CardTitle>
          <CardBody>
            {details.filter ? <CodeBlock><CodeBlockCode>{details.filter}</CodeBlockCode></CodeBlock> : <p className="mu-quiet">No filter: everything is managed.</p>}
          </CardBody>
        </Card>
      </GridItem>
      {details.triggers && (
        <GridItem span={12}>
          <Card isCompact>
            <CardTitle component="h2">Triggers</CardTitle>
            <CardBody><CodeBlock><CodeBlockCode>{details.triggers}</CodeBlockCode></CodeBlock></CardBody>
          </Card>
        </GridItem>
      )}
    </Grid>
  );
}
