import { FormGroup, FormHelperText, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';

const shortest = 12;

export interface TypedPasswords {
  current: string;
  wanted: string;
  again: string;
}

export const passwordReady = ({ current, wanted, again }: TypedPasswords) => current !== '' && wanted.length >= shortest && wanted === again;

/** The present password, unless it is known already, and the new one twice. */
export function PasswordFields({ user, typed, put, isKnown = false }: { user: string; typed: TypedPasswords; put: (typed: TypedPasswords) => void; isKnown?: boolean }) {
  const { current, wanted, again } = typed;
  const short = wanted !== '' && wanted.length < shortest;
  const differs = again !== '' && again !== wanted;
  return (
    <>
      <input type="text" name="username" autoComplete="username" value={user} readOnly hidden />
      {!isKnown && (
        <FormGroup label="Current password" fieldId="current" isRequired>
          <TextInput id="current" type="password" value={current} onChange={(_, v) => put({ ...typed, current: v })} autoComplete="current-password" isRequired />
        </FormGroup>
      )}
      <FormGroup label="New password" fieldId="wanted" isRequired>
        <TextInput id="wanted" type="password" value={wanted} onChange={(_, v) => put({ ...typed, wanted: v })} autoComplete="new-password" isRequired validated={short ? 'warning' : 'default'} aria-describedby="wanted-help" />
        <FormHelperText>
          <HelperText id="wanted-help">
            <HelperTextItem variant={short ? 'warning' : 'default'}>At least {shortest} characters. Several words are easier to remember than signs.</HelperTextItem>
          </HelperText>
        </FormHelperText>
      </FormGroup>
      <FormGroup label="New password, again" fieldId="again" isRequired>
        <TextInput id="again" type="password" value={again} onChange={(_, v) => put({ ...typed, again: v })} autoComplete="new-password" isRequired validated={differs ? 'error' : 'default'} aria-describedby="again-help" />
        <FormHelperText>
          <HelperText id="again-help" aria-live="polite">
            {differs && <HelperTextItem variant="error">The two differ.</HelperTextItem>}
          </HelperText>
        </FormHelperText>
      </FormGroup>
    </>
  );
}
