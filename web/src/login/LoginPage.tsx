import { ActionGroup, Alert, Button, Form, FormGroup, TextInput } from '@patternfly/react-core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { change, Problem, remember } from '../api/client';
import { client, meQuery } from '../api/queries';
import type { Me } from '../api/types';
import { typed } from './typed';
import { LoginFrame } from './LoginFrame';

export function LoginPage() {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = 'Sign in · Muster';
    first.current?.focus();
  }, []);

  const login = useMutation({
    mutationFn: () => change<Me>('login', { name: user, password }),
    onSuccess: async (answer) => {
      remember(answer);
      if (answer.mustChangePassword) typed.password = password;
      client.setQueryData(meQuery.queryKey, answer);
      // Whatever was refused before signing in is asked again.
      void client.resetQueries({ predicate: (query) => query.queryKey[0] !== 'me' });
    },
  });

  const problem = login.error instanceof Problem ? login.error : null;
  return (
    <LoginFrame title="Sign in" subtitle="Keep your fleet in line.">
      <Form onSubmit={(e) => (e.preventDefault(), login.mutate())}>
        {problem && (
          <Alert component="p" variant={problem.status === 429 ? 'warning' : 'danger'} isInline isLiveRegion title={problem.message} />
        )}
        <FormGroup label="User name" fieldId="user" isRequired>
          <TextInput id="user" ref={first} value={user} onChange={(_, v) => setUser(v)} autoComplete="username" autoCapitalize="none" spellCheck={false} isRequired />
        </FormGroup>
        <FormGroup label="Password" fieldId="password" isRequired>
          <TextInput id="password" type="password" value={password} onChange={(_, v) => setPassword(v)} autoComplete="current-password" isRequired />
        </FormGroup>
        <ActionGroup className="mu-block">
          <Button type="submit" isBlock isLoading={login.isPending} isDisabled={login.isPending}>Sign in</Button>
        </ActionGroup>
      </Form>
    </LoginFrame>
  );
}
