import { Alert, Button, Form, FormGroup, Modal, ModalBody, ModalFooter, ModalHeader, Progress, Skeleton, TextInput } from '@patternfly/react-core';
import { useId, useState, type ReactNode } from 'react';
import type { ChangePath } from '../api/types';
import { Failure } from '../ui/Failure';
import { count } from '../ui/format';
import { save } from '../ui/list/exporting';
import { copy } from '../ui/text';
import { Outcome } from './Outcome';
import { PlanView } from './PlanView';
import { commandLine } from './merge';
import { usePlans, type Arguments, type Refusal } from './usePlans';

export interface PlanDrawerProps {
  title: string;
  /** The route below /api/v1, such as `machines/require-image`. */
  operation: ChangePath;
  /** One per object; null while something has still to be chosen. */
  requests: readonly Arguments[] | null;
  /** For more than one request: the sentence that covers them all. */
  sentence?: string;
  verb: string;
  /** Dangerous: the name that must be typed. */
  danger?: string;
  close: () => void;
  /** What has still to be chosen. */
  children?: ReactNode;
}

/** The heart: shows the whole change before it happens, then carries out exactly that. */
export function PlanDrawer({ title, operation, requests, sentence, verb, danger, close, children }: PlanDrawerProps) {
  const plans = usePlans(operation, requests);
  const [typed, setTyped] = useState('');
  const [copied, setCopied] = useState(false);
  const id = useId();
  const { step } = plans;
  const busy = step === 'planning' || step === 'applying';
  const ready = step === 'planned' && plans.plans.length > 0 && (!danger || typed === danger);
  const several = plans.total > 1;

  return (
    <Modal isOpen onClose={close} className="mu-drawer" backdropClassName="mu-drawer-back" aria-labelledby={id} aria-describedby={`${id}-body`}>
      <ModalHeader title={title} labelId={id} />
      <ModalBody id={`${id}-body`} className="mu-drawer-body" tabIndex={0}>
        {step !== 'applied' && step !== 'applying' && children}
        {step === 'waiting' && requests === null && <p className="mu-quiet">The plan appears here as soon as everything is chosen.</p>}
        {plans.moved && step !== 'applied' && (
          <Alert component="p" variant="warning" isInline isLiveRegion title="The world moved, so this was planned again">{plans.moved}</Alert>
        )}
        {busy && several && <Progress measureLocation="outside" value={(100 * plans.done) / plans.total} title={`${step === 'planning' ? 'Planning' : 'Applying'} ${count(plans.done)} of ${count(plans.total)}`} />}
        {step === 'planning' && plans.plans.length === 0 && !several && <PlanSkeleton />}
        <Refusals refusals={plans.refusals} again={plans.again} what={step === 'applied' || step === 'applying' ? 'applied' : 'planned'} />
        {step === 'applied'
          ? <Outcome plans={plans.plans} refused={plans.refusals.length} />
          : plans.plans.length > 0 && <PlanView plans={plans.plans} dimmed={step === 'planning'} {...(several && sentence ? { sentence } : {})} />}
        {danger && step === 'planned' && plans.plans.length > 0 && (
          <Form onSubmit={(e) => (e.preventDefault(), ready && void plans.apply())}>
            <FormGroup label={<>To go on, type <strong><bdi>{danger}</bdi></strong></>} fieldId={`${id}-typed`}>
              <TextInput id={`${id}-typed`} value={typed} onChange={(_, v) => setTyped(v)} autoComplete="off" spellCheck={false} />
            </FormGroup>
          </Form>
        )}
      </ModalBody>
      <ModalFooter className="mu-drawer-foot">
        {step === 'applied' ? <Button onClick={close}>Close</Button> : (
          <>
            <Button variant={danger ? 'danger' : 'primary'} isDisabled={!ready} isLoading={step === 'applying'} onClick={() => void plans.apply()}>
              {several ? `${verb} (${count(plans.plans.length)})` : verb}
            </Button>
            <Button variant="link" onClick={close}>Cancel</Button>
            {plans.plans.length > 0 && (
              <span className="mu-drawer-more">
                <Button variant="link" onClick={() => void copy((requests ?? []).map((r) => commandLine(operation, r)).join('\n')).then(() => setCopied(true))}>
                  {copied ? 'Copied' : 'Copy as CLI'}
                </Button>
                <Button variant="link" onClick={() => save('plan.json', 'application/json', JSON.stringify(several ? plans.plans : plans.plans[0], null, 2))}>Download JSON</Button>
              </span>
            )}
          </>
        )}
      </ModalFooter>
    </Modal>
  );
}

function Refusals({ refusals, again, what }: { refusals: readonly Refusal[]; again: () => void; what: string }) {
  if (refusals.length === 0) return null;
  if (refusals.length === 1) return <Failure title={`Cannot be ${what}`} error={refusals[0]?.problem} {...(what === 'planned' ? { retry: again } : {})} />;
  return (
    <Alert component="p" variant="danger" isInline isLiveRegion title={`${count(refusals.length)} cannot be ${what}`}>
      <ul className="mu-plain">
        {refusals.slice(0, 20).map((r, i) => <li key={i}><bdi>{String(r.arguments.machine ?? r.arguments.image ?? i + 1)}</bdi>: {r.problem.message}</li>)}
        {refusals.length > 20 && <li>and {count(refusals.length - 20)} more</li>}
      </ul>
    </Alert>
  );
}

function PlanSkeleton() {
  return (
    <div className="mu-stack" aria-busy>
      <Skeleton width="70%" fontSize="xl" screenreaderText="Planning" />
      <Skeleton height="4rem" />
      <Skeleton width="40%" />
      <Skeleton height="8rem" />
    </div>
  );
}
