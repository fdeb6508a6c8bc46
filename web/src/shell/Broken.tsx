import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter, PageSection } from '@patternfly/react-core';
import ExclamationCircleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import SearchIcon from '@patternfly/react-icons/dist/esm/icons/search-icon';
import { Link, useRouteError } from 'react-router';

/** A page that threw. A new build on the server makes old chunks unknown, which reloading mends. */
export function Broken() {
  const error = useRouteError();
  const outdated = error instanceof TypeError && /import|module/i.test(error.message);
  return (
    <EmptyState
      titleText={outdated ? 'This page is older than the server' : 'This page broke'}
      headingLevel="h1"
      icon={ExclamationCircleIcon}
      status="danger"
    >
      <EmptyStateBody>{outdated ? 'The server has been updated since it was opened.' : String(error instanceof Error ? error.message : error)}</EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button onClick={() => location.reload()}>Reload</Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}

export function Missing() {
  return (
    <PageSection>
      <EmptyState titleText="There is no such page" headingLevel="h1" icon={SearchIcon}>
        <EmptyStateBody>The address may be mistyped, or the link older than this server.</EmptyStateBody>
        <EmptyStateFooter>
          <EmptyStateActions>
            <Link to="/">Go to the overview</Link>
          </EmptyStateActions>
        </EmptyStateFooter>
      </EmptyState>
    </PageSection>
  );
}
