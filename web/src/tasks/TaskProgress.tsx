import { Progress, ProgressMeasureLocation, ProgressSize } from '@patternfly/react-core';
import type { Task } from '../api/types';
import { progressed } from '../ui/format';
import { Name } from '../ui/text';

/** How far the present step is. A bar only where the whole is known. */
export function TaskProgress({ task: { title, progress } }: { task: Pick<Task, 'title' | 'progress'> }) {
  const amount = progressed(progress);
  return (
    <div className="mu-task-progress">
      {progress.total > 0 && (
        <Progress
          aria-label={`Progress of ${title}`}
          value={Math.min(100, (100 * progress.done) / progress.total)}
          valueText={amount}
          size={ProgressSize.sm}
          measureLocation={ProgressMeasureLocation.none}
        />
      )}
      {(amount || progress.text) && <span className="mu-quiet mu-small">{amount}{amount && progress.text && ', '}{progress.text && <Name of={progress.text} />}</span>}
    </div>
  );
}
