import { ActionGroup, Alert, Button, Form } from '@patternfly/react-core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { change, Problem } from '../api/client';
import { client, meQuery } from '../api/queries';
import type { Me } from '../api/types';
import { LoginFrame } from './LoginFrame';
import { PasswordFields, passwordReady, type TypedPasswords } from './PasswordFields';
import { takeTyped } from './typed';

/** Nothing else can be done before the one-time password has been replaced; so this one change stands alone, without a plan to read. */
export function ChangePasswordPage({ me }: { me: Me }) {
  const [given] = useState(takeTyped);
  const [typed, setTyped] = useState<TypedPasswords>({ current: given, wanted: '', again: '' });
  useEffect(() => {
    document.title = 'Choose a password · Muster';
  }, []);

  const save = useMutation({
    mutationFn: () => change('users/change-password', { current: typed.current, new: typed.wanted }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      void client.resetQueries({ predicate: (query) => query.queryKey[0] !== 'me' && query.state.status === 'error' });
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  return (
    <LoginFrame title="Choose a password" subtitle="The one you were given works only once.">
      <Form onSubmit={(e) => (e.preventDefault(), save.mutate())}>
        {problem && <Alert component="p" variant="danger" isInline isLiveRegion title={problem.message}>{problem.details.faults?.map((f) => <p key={f.argument}>{f.message}</p>)}</Alert>}
        <PasswordFields user={me.name} typed={typed} put={setTyped} isKnown={given !== ''} />
        <ActionGroup className="mu-block">
          <Button type="submit" isBlock isLoading={save.isPending} isDisabled={save.isPending || !passwordReady(typed)}>Change password</Button>
        </ActionGroup>
      </Form>
    </LoginFrame>
  );
}
