import { Form } from '@patternfly/react-core';
import { useState } from 'react';
import { PlanDrawer } from '../plans/PlanDrawer';
import { PasswordFields, passwordReady, type TypedPasswords } from './PasswordFields';

// Planning checks the present password, and wrong ones are counted: it waits until nobody types any more.
const pause = 900;

/** A signed-in person's own password, changed like everything else. */
export function ChangePassword({ user, close }: { user: string; close: () => void }) {
  const [typed, setTyped] = useState<TypedPasswords>({ current: '', wanted: '', again: '' });
  return (
    <PlanDrawer
      title="Change password"
      operation="users/change-password"
      requests={passwordReady(typed) ? [{ current: typed.current, new: typed.wanted }] : null}
      verb="Change password"
      pause={pause}
      close={close}
    >
      <Form onSubmit={(e) => e.preventDefault()}>
        <PasswordFields user={user} typed={typed} put={setTyped} />
      </Form>
    </PlanDrawer>
  );
}
