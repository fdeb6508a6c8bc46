import { ActionGroup, Alert, Button, Form, FormGroup, FormHelperText, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { change, Problem } from '../api/client';
import { client, meQuery } from '../api/queries';
import type { Me } from '../api/types';
import { takeTyped } from './typed';
import { LoginFrame } from './LoginFrame';

const shortest = 12;

/** Nothing else can be done before the one-time password has been replaced. */
export function ChangePasswordPage({ me }: { me: Me }) {
  return (
    <LoginFrame title="Choose a password" subtitle="The one you were given works only once.">
      <ChangePasswordForm user={me.name} />
    </LoginFrame>
  );
}

export function ChangePasswordForm({ user, done, cancel }: { user: string; done?: () => void; cancel?: () => void }) {
  const [given] = useState(takeTyped);
  const [current, setCurrent] = useState(given);
  const [wanted, setWanted] = useState('');
  const [again, setAgain] = useState('');
  useEffect(() => {
    if (!done) document.title = 'Choose a password · Muster';
  }, [done]);

  const save = useMutation({
    mutationFn: () => change('users/change-password', { current, new: wanted }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      void client.resetQueries({ predicate: (query) => query.queryKey[0] !== 'me' && query.state.status === 'error' });
      done?.();
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  const short = wanted !== '' && wanted.length < shortest;
  const differs = again !== '' && again !== wanted;

  return (
    <Form onSubmit={(e) => (e.preventDefault(), save.mutate())}>
      {problem && <Alert component="p" variant="danger" isInline isLiveRegion title={problem.message}>{problem.details.faults?.map((f) => <p key={f.argument}>{f.message}</p>)}</Alert>}
      <input type="text" name="username" autoComplete="username" value={user} readOnly hidden />
      {!given && <FormGroup label="Current password" fieldId="current" isRequired>
        <TextInput id="current" type="password" value={current} onChange={(_, v) => setCurrent(v)} autoComplete="current-password" isRequired />
      </FormGroup>}
      <FormGroup label="New password" fieldId="wanted" isRequired>
        <TextInput id="wanted" type="password" value={wanted} onChange={(_, v) => setWanted(v)} autoComplete="new-password" isRequired validated={short ? 'warning' : 'default'} aria-describedby="wanted-help" />
        <FormHelperText>
          <HelperText id="wanted-help">
            <HelperTextItem variant={short ? 'warning' : 'default'}>At least {shortest} characters. Several words are easier to remember than signs.</HelperTextItem>
          </HelperText>
        </FormHelperText>
      </FormGroup>
      <FormGroup label="New password, again" fieldId="again" isRequired>
        <TextInput id="again" type="password" value={again} onChange={(_, v) => setAgain(v)} autoComplete="new-password" isRequired validated={differs ? 'error' : 'default'} aria-describedby="again-help" />
        <FormHelperText>
          <HelperText id="again-help" aria-live="polite">
            {differs && <HelperTextItem variant="error">The two differ.</HelperTextItem>}
          </HelperText>
        </FormHelperText>
      </FormGroup>
      <ActionGroup className={cancel ? '' : 'mu-block'}>
        <Button type="submit" isBlock={!cancel} isLoading={save.isPending} isDisabled={save.isPending || !current || wanted.length < shortest || wanted !== again}>
          Change password
        </Button>
        {cancel && <Button variant="link" onClick={cancel}>Cancel</Button>}
      </ActionGroup>
    </Form>
  );
}
