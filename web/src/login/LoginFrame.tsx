import { LoginPage as Frame } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { Brand } from '../shell/Brand';

export function LoginFrame({ title, subtitle, children }: { title: string; subtitle?: string; children: ReactNode }) {
  return (
    <Frame
      loginTitle={title}
      {...(subtitle ? { loginSubtitle: subtitle } : {})}
      headerUtilities={<Brand />}
      className="mu-login"
    >
      {children}
    </Frame>
  );
}
