import { Alert, ExpandableSection, Label, SearchInput, Title } from '@patternfly/react-core';
import ArrowRightIcon from '@patternfly/react-icons/dist/esm/icons/arrow-right-icon';
import PencilAltIcon from '@patternfly/react-icons/dist/esm/icons/pencil-alt-icon';
import PlayIcon from '@patternfly/react-icons/dist/esm/icons/play-icon';
import PlusIcon from '@patternfly/react-icons/dist/esm/icons/plus-icon';
import TrashIcon from '@patternfly/react-icons/dist/esm/icons/trash-icon';
import { useMemo, useState, type ComponentType, type ReactNode } from 'react';
import type { Plan, PlanChange } from '../api/types';
import { bytes, count, plural } from '../ui/format';
import { ObjectLink } from '../ui/ObjectLink';
import { Copy, Digest, Name } from '../ui/text';
import { Time } from '../ui/Time';
import { took } from '../ui/time';
import { merge } from './merge';

const actions: Record<PlanChange['action'], { word: string; icon: ComponentType; color: 'green' | 'blue' | 'red' | 'purple' }> = {
  create: { word: 'created', icon: PlusIcon, color: 'green' },
  change: { word: 'changed', icon: PencilAltIcon, color: 'blue' },
  delete: { word: 'deleted', icon: TrashIcon, color: 'red' },
  run: { word: 'run', icon: PlayIcon, color: 'purple' },
};

const most = 200;

/** The same anatomy for every change: sentence, effects, warnings, changes, basis and hash. */
export function PlanView({ plans, sentence, dimmed, inside }: { plans: readonly Plan[]; sentence?: string; dimmed?: boolean; inside?: (change: PlanChange) => ReactNode }) {
  const { effects, warnings, changes } = useMemo(() => merge(plans), [plans]);
  const first = plans[0] as Plan;
  return (
    <div className={dimmed ? 'mu-stack mu-dimmed' : 'mu-stack'} aria-busy={dimmed}>
      <Title headingLevel="h2" size="lg">{sentence ?? first.sentence}</Title>
      {warnings.map((warning) => <Alert component="p" key={warning} variant="warning" isInline title={warning} />)}
      {effects.length > 0 && (
        <dl className="mu-effects" aria-label="Effects">
          {effects.map((effect) => (
            <div key={effect.name}>
              <dt>{effect.label}</dt>
              <dd>
                {effect.forecast ? <span title="A forecast">≈ </span> : null}
                {amount(effect.value, effect.unit)}
              </dd>
            </div>
          ))}
        </dl>
      )}
      <Changes changes={changes} inside={inside} />
      <ExpandableSection toggleText="Basis and hash" displaySize="default">
        <Basis plans={plans} />
      </ExpandableSection>
    </div>
  );
}

type Inside = ((change: PlanChange) => ReactNode) | undefined;

function Changes({ changes, inside }: { changes: readonly PlanChange[]; inside: Inside }) {
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const matching = wanted === '' ? changes : changes.filter((c) => JSON.stringify(c).toLowerCase().includes(wanted));
  if (changes.length === 0) return <p>Nothing would change.</p>;
  return (
    <section aria-label="Changes">
      <div className="mu-row">
        <Title headingLevel="h3" size="md">{plural(changes.length, 'change')}</Title>
        {changes.length > 1 && <SearchInput aria-label="Filter changes" placeholder="Filter changes" value={filter} onChange={(_, v) => setFilter(v)} onClear={() => setFilter('')} />}
      </div>
      <ul className="mu-changes">
        {matching.slice(0, most).map((change, index) => <Change key={index} change={change} inside={inside} />)}
      </ul>
      {matching.length > most && <p className="mu-quiet">and {count(matching.length - most)} more; filter to see them, or download the plan.</p>}
      {matching.length === 0 && <p className="mu-quiet">No change matches.</p>}
    </section>
  );
}

function Change({ change, inside }: { change: PlanChange; inside: Inside }) {
  const look = actions[change.action];
  const Icon = look.icon;
  return (
    <li>
      <div className="mu-row mu-row-start">
        <Label isCompact variant="outline" color={look.color} icon={<Icon />}>{look.word}</Label>
        <span><span className="mu-quiet">{change.object.kind}</span> <ObjectLink object={change.object} /></span>
      </div>
      {change.members.length > 0 && (
        <dl className="mu-members">
          {change.members.map((member) => (
            <div key={member.name}>
              <dt>{words(member.name)}</dt>
              <dd>
                {member.before !== undefined && <del><Name of={member.before} /></del>}
                {member.before !== undefined && member.after !== undefined && <ArrowRightIcon aria-label="becomes" role="img" />}
                {member.after !== undefined && <ins><Name of={member.after} /></ins>}
                {member.before === undefined && member.after === undefined && <span className="mu-quiet">nothing</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {inside?.(change)}
    </li>
  );
}

function Basis({ plans }: { plans: readonly Plan[] }) {
  const first = plans[0] as Plan;
  const basis = plans.flatMap((plan) => plan.basis);
  return (
    <div className="mu-stack">
      {basis.length > 0 && (
        <table className="mu-basis">
          <caption>Applying is refused if one of these is no longer so.</caption>
          <tbody>
            {basis.slice(0, 50).map((fact, index) => (
              <tr key={index}><th scope="row"><ObjectLink object={fact.object} /></th><td>{fact.fact}</td><td><code className="mu-break">{fact.value}</code></td></tr>
            ))}
          </tbody>
        </table>
      )}
      {basis.length > 50 && <p className="mu-quiet">and {count(basis.length - 50)} more</p>}
      {plans.length === 1
        ? <p>Hash <Digest of={first.hash} />, expires <Time at={first.expiresAt} />. Operation <code>{first.operation}</code>.</p>
        : <p>{plural(plans.length, 'plan')} of <code>{first.operation}</code>. <Copy text={plans.map((p) => p.hash).join('\n')} what="their hashes" /></p>}
    </div>
  );
}

/** `requiredImage` as people say it. */
const words = (name: string) => name.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`);

function amount(value: number, unit?: string): string {
  if (unit === 'bytes') return bytes(value);
  if (unit === 'milliseconds') return took(value);
  if (unit === 'seconds') return took(value * 1000);
  if (unit === 'minutes') return took(value * 60_000);
  return unit ? `${count(value)} ${unit}` : count(value);
}
