import { lazy, useMemo } from 'react';
import { useCan } from '../api/queries';
import type { ImageSummary, Task } from '../api/types';
import { usePlanHost } from '../plans/PlanHost';
import { plural } from '../ui/format';

const PlanDrawer = lazy(async () => ({ default: (await import('../plans/PlanDrawer')).PlanDrawer }));
const ToTask = lazy(async () => ({ default: (await import('../tasks/ToTask')).ToTask }));
const RequireOnMachines = lazy(async () => ({ default: (await import('./RequireOnMachines')).RequireOnMachines }));

export function useImageActions() {
  const { open } = usePlanHost();
  const mayDelete = useCan('Images.Delete');
  const mayRequire = useCan('Machines.RequireImage');
  const mayVerify = useCan('Images.Verify');
  return useMemo(() => ({
    mayDelete,
    mayRequire,
    mayVerify,
    verify: (image: ImageSummary) => open((close) => (
      <PlanDrawer title={`Verify ${image.name}`} operation="images/verify" requests={[{ image: image.name }]} verb="Verify" result={(task) => <ToTask task={task as Task} />} close={close} />
    )),
    require: (image: ImageSummary) => open((close) => <RequireOnMachines image={image.name} close={close} />),
    remove: (images: readonly ImageSummary[]) => {
      const what = images.length === 1 ? (images[0] as ImageSummary).name : plural(images.length, 'image');
      open((close) => (
        <PlanDrawer
          title={`Delete ${what}`}
          operation="images/delete"
          requests={images.map((i) => ({ image: i.name }))}
          sentence={`Delete ${what}; their names are gone for ever`}
          verb="Delete"
          danger={what}
          close={close}
        />
      ));
    },
  }), [open, mayDelete, mayRequire, mayVerify]);
}
