import { Alert, AlertActionLink, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter, Button } from '@patternfly/react-core';
import type { ComponentType, ReactNode } from 'react';
import { Problem } from '../api/client';

/** Replaces only the part of a page that failed: the cause, its code, and a way on. */
export function Failure({ error, retry, retryText = 'Retry', what, title }: { error: unknown; retry?: () => void; retryText?: string; what?: string; title?: string }) {
  const problem = error instanceof Problem ? error : null;
  return (
    <Alert component="p"
      variant="danger"
      isInline
      isLiveRegion
      title={title ?? `Cannot show ${what ?? 'this'}`}
      actionLinks={retry && <AlertActionLink onClick={retry}>{retryText}</AlertActionLink>}
    >
      <p>{problem?.message ?? (error instanceof Error ? error.message : 'Something unexpected happened.')}</p>
      {problem?.details.faults?.map((fault) => <p key={fault.argument}><code>{fault.argument}</code>: {fault.message}</p>)}
      {problem && <p className="mu-quiet">Code: <code>{problem.code}</code></p>}
    </Alert>
  );
}

/** Says what would be here, and offers the first step. */
export function Nothing({ icon, title, children, action, actionText }: {
  icon?: ComponentType;
  title: string;
  children?: ReactNode;
  action?: () => void;
  actionText?: string;
}) {
  return (
    <EmptyState titleText={title} headingLevel="h2" {...(icon ? { icon } : {})} variant="sm">
      {children && <EmptyStateBody>{children}</EmptyStateBody>}
      {action && (
        <EmptyStateFooter>
          <EmptyStateActions>
            <Button variant="primary" onClick={action}>{actionText}</Button>
          </EmptyStateActions>
        </EmptyStateFooter>
      )}
    </EmptyState>
  );
}
