import { PageSection, Title } from '@patternfly/react-core';
import { useEffect } from 'react';
import type { Condition } from '../api/types';
import { Conditions } from '../machines/Conditions';
import { Feed } from '../ui/Feed';

/** Every lasting trouble of the organisation, the worst first. */
export function ConditionsPage() {
  useEffect(() => {
    document.title = 'Conditions · Muster';
  }, []);
  return (
    <PageSection hasBodyWrapper={false}>
      <div className="mu-title"><Title headingLevel="h1">Conditions</Title></div>
      <Feed<Condition> noun="conditions" path="conditions/list" query={{}} one="condition" empty={<Conditions of={[]} />}>
        {(items) => <Conditions of={items} />}
      </Feed>
    </PageSection>
  );
}
