import { Card, CardBody, CardTitle, Grid, GridItem, Skeleton } from '@patternfly/react-core';
import type { Task, TaskDetails, TaskStep } from '../api/types';
import { ObjectLink } from '../ui/ObjectLink';
import { StateLabel } from '../ui/StateLabel';
import { Copy, Name } from '../ui/text';
import { Time } from '../ui/Time';
import { TaskLog } from './TaskLog';
import { TaskProgress } from './TaskProgress';
import { TaskTook } from './TaskTook';
import { hasEnded, stepWord } from './words';

/** Its steps, who wanted it, and everything that it has said. */
export function TaskOverview({ details }: { details: TaskDetails | undefined }) {
  if (!details) return <div className="mu-stack" aria-busy><Skeleton height="9rem" screenreaderText="Loading" /><Skeleton height="16rem" /></div>;
  const { summary, steps, logLines } = details;
  return (
    <Grid hasGutter>
      <GridItem lg={7} span={12}>
        <Card isCompact isFullHeight>
          <CardTitle component="h2">Steps</CardTitle>
          <CardBody><ol className="mu-steps">{steps.map((step) => <Step key={step.number} step={step} task={summary} />)}</ol></CardBody>
        </Card>
      </GridItem>
      <GridItem lg={5} span={12}><Facts of={summary} /></GridItem>
      <GridItem span={12}>
        <Card isCompact>
          <CardTitle component="h2">Log</CardTitle>
          <CardBody><TaskLog key={summary.id} task={summary.id} steps={steps} known={logLines} isLive={!hasEnded(summary)} /></CardBody>
        </Card>
      </GridItem>
    </Grid>
  );
}

function Step({ step, task }: { step: TaskStep; task: Task }) {
  const word = stepWord(step, task);
  const isNow = (step.state === 'running' || step.state === 'undoing') && !hasEnded(task);
  return (
    <li className={step.state === 'waiting' ? 'mu-quiet' : ''} {...(isNow ? { 'aria-current': 'step' as const } : {})}>
      <span><StateLabel state={word} /></span>
      <span><strong><Name of={step.title} /></strong>{step.attempts > 1 && <span className="mu-quiet"> attempt {step.attempts}</span>}</span>
      <span className="mu-quiet mu-number"><TaskTook of={isNow || step.endedAt ? step : {}} /></span>
      {isNow && <TaskProgress task={task} />}
      {step.why && <p><Name of={step.why} />{word === 'retrying' && <span className="mu-quiet"> Tries again <Time at={task.dueAt} />.</span>}</p>}
    </li>
  );
}

function Facts({ of: task }: { of: Task }) {
  return (
    <Card isCompact isFullHeight>
      <CardTitle component="h2">Task</CardTitle>
      <CardBody>
        <dl className="mu-facts">
          {task.subject && <><dt>About</dt><dd>{task.subject.kind} <ObjectLink object={task.subject} /></dd></>}
          <dt>Begun</dt><dd><Time at={task.createdAt} /> by <Name of={task.createdBy} /></dd>
          {task.endedAt && <><dt>Ended</dt><dd><Time at={task.endedAt} />{task.cancelledBy && <> by <Name of={task.cancelledBy} /></>}</dd></>}
          <dt>Took</dt><dd><TaskTook of={task} none="not begun" /></dd>
          <dt>Operation</dt><dd><code>{task.kind}</code></dd>
          {task.code && <><dt>Code</dt><dd><code>{task.code}</code></dd></>}
          <dt>Id</dt><dd><code className="mu-break">{task.id}</code> <Copy text={task.id} what="id" /></dd>
        </dl>
      </CardBody>
    </Card>
  );
}
