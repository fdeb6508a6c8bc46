import { ExpandableSection } from '@patternfly/react-core';
import { Link } from 'react-router';
import type { Culprit, Drift } from '../api/types';
import { machineAddress } from '../ui/addresses';
import { StateLabel } from '../ui/StateLabel';
import { Name, PathText } from '../ui/text';
import { Time } from '../ui/Time';
import { took } from '../ui/time';

/** One thing that drifted, as a sentence; who did it, in full, one step below. */
export function DriftItem({ drift, withMachine = false }: { drift: Drift; withMachine?: boolean }) {
  return (
    <li>
      <div className="mu-row mu-row-start">
        <StateLabel state={drift.outcome} />
        {withMachine && <Link to={`${machineAddress(drift.machine)}?tab=drift`}><Name of={drift.machineName} /></Link>}
        <span className="mu-push mu-quiet"><Time at={drift.at} /></span>
      </div>
      <p className="mu-sentence"><Name of={drift.sentence} /></p>
      <ExpandableSection toggleText="Details" displaySize="default" className="mu-details">
        <DriftFacts drift={drift} />
      </ExpandableSection>
    </li>
  );
}

/** Everything that is known of it. */
export function DriftFacts({ drift }: { drift: Drift }) {
  return (
    <dl className="mu-facts">
      <dt>Path</dt><dd><PathText path={drift.path} /></dd>
      <dt>What</dt><dd>{drift.what}{drift.facets.length > 0 && `: ${drift.facets.join(', ')}`}</dd>
      <dt>Found by</dt><dd>{drift.foundBy}</dd>
      {drift.microseconds !== undefined && <><dt>Restored after</dt><dd>{took(drift.microseconds / 1000)}</dd></>}
      <Who culprit={drift.culprit} />
    </dl>
  );
}

/** Unknown is said as unknown. */
function Who({ culprit }: { culprit: Culprit | undefined }) {
  if (!culprit) return <><dt>By whom</dt><dd className="mu-quiet">not known</dd></>;
  const lines: [string, string | undefined][] = [
    ['Process', `${culprit.process ?? 'unknown'}, pid ${culprit.pid}`],
    ['Command', culprit.commandLine],
    ['Executable', culprit.executable],
    ['Signed in as', culprit.login],
    ['Ran as', culprit.user],
    ['Unit', culprit.unit],
    ['Container', culprit.container],
    ['Started by', culprit.parents.join(' ← ') || undefined],
    ['Known from', culprit.source],
  ];
  return lines.map(([title, text]) => text && (
    <div key={title}><dt>{title}</dt><dd className={title === 'Command' || title === 'Executable' ? 'mu-mono mu-break' : 'mu-break'}><Name of={text} /></dd></div>
  ));
}
