import type { ImageDetails, TaskDetails, TaskLine, TaskState, TaskStep } from '../src/api/types.ts';

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const titles = ['Read its directories', "Read its files' content", 'Tell what was found'];

/** Tasks in every state, about the first images. */
export function makeTasks(images: readonly ImageDetails[]): TaskDetails[] {
  const states: TaskState[] = ['running', 'retrying', 'queued', 'undoing', 'failed', 'cancelled', ...Array.from({ length: images.length * 2 }, () => 'done' as const)];
  return images.length === 0 ? [] : states.map((state, i) => makeTask(i, images[images.length - 1 - (i % images.length)] as ImageDetails, state));
}

export function makeTask(i: number, { summary: image }: ImageDetails, state: TaskState): TaskDetails {
  const hasEnded = state === 'done' || state === 'failed' || state === 'cancelled';
  const begun = i * 900 + 40;
  const [total, done] = [image.bytes, Math.round(image.bytes * 0.34)];
  const why = {
    retrying: "Read its files' content: the store answers too slowly (503)",
    failed: `Tell what was found: 2 objects of ${image.name} are damaged and were moved aside; adding the image again from where it came (muster images add, under another name) heals them`,
    cancelled: 'stopped by admin', undoing: 'stopped by alice',
  }[state as string];
  const step = (number: number, is: TaskStep['state'], seconds: number): TaskStep => ({
    number, name: `step-${number}`, title: titles[number - 1] as string, state: is, attempts: is === 'waiting' ? 0 : state === 'retrying' && is === 'running' ? 3 : 1, mayUndo: false,
    ...(is === 'waiting' ? {} : { startedAt: ago(begun - 2) }), ...(['done', 'failed', 'undone'].includes(is) ? { endedAt: ago(begun - 2 - seconds) } : {}),
    ...((is === 'failed' || (state === 'retrying' && is === 'running')) && why ? { why: why.replace(/^.*?: /, '') } : {}),
  });
  const states: Record<TaskState, TaskStep['state'][]> = {
    queued: ['waiting', 'waiting', 'waiting'], running: ['done', 'running', 'waiting'], retrying: ['done', 'running', 'waiting'], undoing: ['undoing', 'undone', 'waiting'],
    done: ['done', 'done', 'done'], failed: ['done', 'done', 'failed'], cancelled: ['done', 'failed', 'waiting'],
  };
  return {
    summary: {
      id: `tsk_${i}`, kind: 'Images.Verify', title: `Verify image ${image.name}`, subject: { kind: 'image', id: image.id, name: image.name }, state,
      ...(hasEnded ? { endedAt: ago(begun - 21) } : { step: state === 'queued' || state === 'undoing' ? titles[0] as string : titles[1] as string }),
      progress: state === 'running' || state === 'retrying' ? { done, total, unit: 'bytes', ...(state === 'retrying' ? { text: '2 damaged' } : {}) } : { done: 0, total: 0, unit: '' },
      createdAt: ago(begun), createdBy: i % 3 === 1 ? 'image pipeline' : 'admin', ...(state === 'queued' ? { dueAt: ago(-1) } : { startedAt: ago(begun - 1) }), ...(state === 'retrying' ? { dueAt: ago(-40) } : {}),
      ...(why ? { why, code: state === 'failed' ? 'image.damaged' : state === 'retrying' ? 'object.unavailable' : 'task.cancelled' } : {}),
      ...(state === 'failed' ? { cure: 'See what the message names, then retry the task or begin another.' } : {}), ...(state === 'cancelled' ? { cancelledBy: 'admin' } : {}), mayUndo: false,
    },
    steps: states[state].map((is, index) => step(index + 1, is, [1.4, 19, 0.02][index] as number)),
    logLines: state === 'queued' ? 0 : state === 'running' ? 5000 : state === 'failed' ? 43 : 3,
  };
}

/** Line by line, as many as it is said to have. */
export function makeLine(number: number): TaskLine {
  const level = number % 40 === 7 ? 'error' : number % 25 === 3 ? 'warning' : 'info';
  const text = level === 'error' ? `file 5f3e${number}a90c1b2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7 is damaged and was moved aside` : level === 'warning' ? `Read its files' content: the store answers too slowly (503); trying again` : number === 1 ? '27,412 different contents of 1,204,113,002 bytes' : `read ${number * 20} contents`;
  return { number, time: ago(6000 - number), step: number === 1 ? 1 : 2, level, text };
}
