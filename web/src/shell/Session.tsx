import { Bullseye, Spinner } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { onSignedOut, Problem } from '../api/client';
import { listen, refreshOnEvents } from '../api/live';
import { client, meQuery } from '../api/queries';
import { Failure } from '../ui/Failure';
import { Shell } from './Shell';

const LoginPage = lazy(async () => ({ default: (await import('../login/LoginPage')).LoginPage }));
const ChangePasswordPage = lazy(async () => ({ default: (await import('../login/ChangePasswordPage')).ChangePasswordPage }));

/** Decides who is here. Signing in happens at the address that was asked for, so a pasted link survives it. */
export function Session() {
  const me = useQuery(meQuery);
  const user = me.data && !me.data.mustChangePassword ? me.data.id : undefined;

  useEffect(() => onSignedOut(() => {
    // Only who was signed in can be signed out; asking again would be refused again.
    if (client.getQueryData(meQuery.queryKey)) void client.resetQueries({ queryKey: meQuery.queryKey });
  }), []);

  useEffect(() => {
    if (!user) return;
    const stopRefreshing = refreshOnEvents(client);
    const stopListening = listen();
    return () => {
      stopListening();
      stopRefreshing();
    };
  }, [user]);

  if (me.isPending) {
    return <Bullseye><Spinner aria-label="Loading" /></Bullseye>;
  }
  if (me.error instanceof Problem && me.error.status === 401) {
    return <Suspense><LoginPage /></Suspense>;
  }
  if (!me.data) {
    return <Bullseye><Failure what="Muster" error={me.error} retry={() => void me.refetch()} /></Bullseye>;
  }
  if (me.data.mustChangePassword) {
    return <Suspense><ChangePasswordPage me={me.data} /></Suspense>;
  }
  return <Shell me={me.data} />;
}
