import { Alert, Button, Form, FormGroup, Modal, ModalBody, ModalFooter, ModalHeader, Progress, Skeleton, TextInput } from '@patternfly/react-core';
import { useId, useState, type ReactNode } from 'react';
import type { ChangePath, PlanChange } from '../api/types';
import { count } from '../ui/format';
import { save } from '../ui/list/exporting';
import { copy } from '../ui/text';
import { Outcome } from './Outcome';
import { PlanView } from './PlanView';
import { commandLine } from './merge';
import { Refusals } from './Refusals';
import { usePlans, type Arguments } from './usePlans';

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
  /** How long after the last keystroke is planned, in milliseconds. */
  pause?: number;
  /** What a change means in more detail, below it. */
  inside?: (change: PlanChange) => ReactNode;
  /** Shows what the server answered, such as a secret that is seen only once, instead of what comes of it. */
  result?: (answer: unknown) => ReactNode;
  close: () => void;
  /** What has still to be chosen; may say faults beside the fields they are about. */
  children?: ReactNode | ((fault: (argument: string) => string | undefined) => ReactNode);
}

/** The heart: shows the whole change before it happens, then carries out exactly that. */
export function PlanDrawer({ title, operation, requests, sentence, verb, danger, pause = 150, inside, result, close, children }: PlanDrawerProps) {
  const plans = usePlans(operation, requests, pause);
  const [typed, setTyped] = useState('');
  const [copied, setCopied] = useState(false);
  const id = useId();
  const { step, planned, applied } = plans;
  const busy = step === 'planning' || step === 'applying';
  const ready = step === 'planned' && planned.length > 0 && (!danger || typed === danger);
  const several = (requests?.length ?? 0) > 1;
  const shown = planned.map((one) => one.plan);
  const fault = (argument: string) => plans.refusals[0]?.problem.fault(argument);

  return (
    <Modal isOpen onClose={close} className="mu-drawer" backdropClassName="mu-drawer-back" aria-labelledby={id} aria-describedby={`${id}-body`}>
      <ModalHeader title={title} labelId={id} />
      <ModalBody id={`${id}-body`} className="mu-drawer-body" tabIndex={0}>
        {step !== 'applied' && step !== 'applying' && (typeof children === 'function' ? children(fault) : children)}
        {step === 'waiting' && requests === null && <p className="mu-quiet">The plan appears here as soon as everything is chosen.</p>}
        {plans.moved && (
          <Alert component="p" variant="warning" isInline isLiveRegion title="The world moved, so this was planned again">{plans.moved}</Alert>
        )}
        {step !== 'applied' && applied.length > 0 && <Alert component="p" variant="success" isInline title={`${count(applied.length)} of ${count(requests?.length ?? 0)} applied already`} />}
        {busy && several && <Progress measureLocation="outside" value={(100 * plans.done) / plans.total} title={`${step === 'planning' ? 'Planning' : 'Applying'} ${count(plans.done)} of ${count(plans.total)}`} />}
        {step === 'planning' && planned.length === 0 && !several && <PlanSkeleton />}
        <Refusals refusals={plans.refusals} again={plans.again} what="planned" />
        <Refusals refusals={plans.failures} again={plans.again} what="applied" />
        {step === 'applied'
          ? result?.(applied[0]?.result) ?? <Outcome applied={applied.map((one) => one.plan)} asked={requests?.length ?? 0} />
          : shown.length > 0 && <PlanView plans={shown} dimmed={step === 'planning'} {...(several && sentence ? { sentence } : {})} {...(inside ? { inside } : {})} />}
        {danger && step === 'planned' && shown.length > 0 && (
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
              {several ? `${verb} (${count(shown.length)})` : verb}
            </Button>
            <Button variant="link" onClick={close}>Cancel</Button>
            {shown.length > 0 && (
              <span className="mu-drawer-more">
                <Button variant="link" onClick={() => void copy(planned.map((one) => commandLine(operation, one.request)).join('\n')).then(() => setCopied(true))}>
                  {copied ? 'Copied' : 'Copy as CLI'}
                </Button>
                <Button variant="link" onClick={() => save('plan.json', 'application/json', JSON.stringify(several ? shown : shown[0], null, 2))}>Download JSON</Button>
              </span>
            )}
          </>
        )}
      </ModalFooter>
    </Modal>
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
