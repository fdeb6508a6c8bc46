import { Card, CardBody, CardHeader, Title } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { Brand } from '../shell/Brand';

/** What stands alone on the page: signing in, and choosing a password. */
export function LoginFrame({ title, subtitle, children }: { title: string; subtitle: string; children: ReactNode }) {
  return (
    <main className="mu-login">
      <Card isLarge>
        <CardHeader>
          <Brand />
          <Title headingLevel="h1" size="2xl" className="mu-login-title">{title}</Title>
          <p className="mu-quiet">{subtitle}</p>
        </CardHeader>
        <CardBody>{children}</CardBody>
      </Card>
    </main>
  );
}
