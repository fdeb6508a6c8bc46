import { Button, Label, LabelGroup } from '@patternfly/react-core';
import KeyIcon from '@patternfly/react-icons/dist/esm/icons/key-icon';
import { lazy } from 'react';
import { useCan } from '../api/queries';
import type { Token } from '../api/types';
import { usePlanHost } from '../plans/PlanHost';
import { Nothing } from '../ui/Failure';
import type { Column } from '../ui/list/columns';
import { tokenList } from '../ui/list/kinds';
import { List } from '../ui/list/List';
import { Name } from '../ui/text';
import { Time } from '../ui/Time';
import { useFlag } from '../ui/useFlag';
import { AddToken } from './AddToken';

const PlanDrawer = lazy(async () => ({ default: (await import('../plans/PlanDrawer')).PlanDrawer }));

const columns: Column<Token>[] = [
  { id: 'name', title: 'Name', fixed: true, width: '25%', value: (t) => t.name, cell: (t) => <Name of={t.name} /> },
  { id: 'operations', title: 'May do', value: (t) => t.operations.join(' '), cell: (t) => <LabelGroup numLabels={4} aria-label="Operations">{t.operations.map((o) => <Label key={o} isCompact><code>{o}</code></Label>)}</LabelGroup> },
  { id: 'created', width: '8rem', title: 'Made', value: (t) => t.createdAt, cell: (t) => <Time at={t.createdAt} /> },
  { id: 'used', width: '8rem', title: 'Last used', value: (t) => t.usedAt, cell: (t) => <Time at={t.usedAt} /> },
  { id: 'expires', width: '8rem', title: 'Expires', value: (t) => t.expiresAt, cell: (t) => <Time at={t.expiresAt} /> },
];

/** Tokens for programs. Each may do at most what its owner may at that moment. */
export function TokensPage() {
  const { open } = usePlanHost();
  const { on: adding, set: setAdding } = useFlag('add');
  const mayAdd = useCan('Tokens.Add');
  const mayDelete = useCan('Tokens.Delete');
  const remove = (token: Token) => open((close) => (
    <PlanDrawer title={`Delete token ${token.name}`} operation="tokens/delete" requests={[{ token: token.id }]} verb="Delete" close={close} />
  ));
  return (
    <>
      <List<Token>
        kind={tokenList}
        title="API tokens"
        one="token"
        many="tokens"
        columns={columns}
        id={(t) => t.id}
        name={(t) => t.name}
        signature={(t) => t.operations.join()}
        rowActions={(t) => [{ title: 'Delete', onClick: () => remove(t), isDisabled: !mayDelete, isDanger: true }]}
        buttons={mayAdd && <Button onClick={() => setAdding(true)}>Make a token</Button>}
        empty={
          <Nothing icon={KeyIcon} title="No tokens" {...(mayAdd ? { action: () => setAdding(true), actionText: 'Make a token' } : {})}>
            A token lets a program do a part of what you may do, until it expires.
          </Nothing>
        }
      />
      {adding && <AddToken close={() => setAdding(false)} />}
    </>
  );
}
