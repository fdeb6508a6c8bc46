import { createBrowserRouter, type LoaderFunctionArgs } from 'react-router';
import { client, listQuery, meQuery, showQuery } from './api/queries';
import { startOverview } from './overview/queries';
import { listParameters } from './ui/list/address';
import { conditionList, driftList, imageList, machineList, taskList, tokenList, type ListKind } from './ui/list/kinds';
import { Broken, Missing } from './shell/Broken';
import { Session } from './shell/Session';

// Loaders only start what a page will need, so that its code and its data arrive side by side.
function starts(...queries: ((args: LoaderFunctionArgs) => void)[]) {
  return (args: LoaderFunctionArgs) => {
    for (const start of queries) start(args);
    return null;
  };
}

const list = (kind: ListKind) => ({ request }: LoaderFunctionArgs) =>
  void client.prefetchInfiniteQuery(listQuery(kind.noun, kind.path, listParameters(new URL(request.url).searchParams, kind)));

export const router = createBrowserRouter([
  {
    path: '/',
    element: <Session />,
    errorElement: <Broken />,
    hydrateFallbackElement: <></>,
    loader: starts(() => void client.prefetchQuery(meQuery)),
    shouldRevalidate: () => false,
    children: [
      {
        index: true,
        loader: starts(() => startOverview(client)),
        lazy: { Component: async () => (await import('./overview/OverviewPage')).OverviewPage },
      },
      {
        path: 'machines',
        loader: starts(list(machineList)),
        lazy: { Component: async () => (await import('./machines/MachinesPage')).MachinesPage },
      },
      {
        path: 'machines/:machine',
        loader: starts(({ params }) => void client.prefetchQuery(showQuery('machines', 'machines/show', { machine: params.machine }))),
        lazy: { Component: async () => (await import('./machines/MachinePage')).MachinePage },
      },
      {
        path: 'images',
        loader: starts(list(imageList)),
        lazy: { Component: async () => (await import('./images/ImagesPage')).ImagesPage },
      },
      {
        path: 'images/*',
        loader: starts(({ params }) => void client.prefetchQuery(showQuery('images', 'images/show', { image: params['*'] }))),
        lazy: { Component: async () => (await import('./images/ImagePage')).ImagePage },
      },
      {
        path: 'conditions',
        loader: starts(list(conditionList)),
        lazy: { Component: async () => (await import('./conditions/ConditionsPage')).ConditionsPage },
      },
      {
        path: 'drift',
        loader: starts(list(driftList)),
        lazy: { Component: async () => (await import('./drift/DriftPage')).DriftPage },
      },
      {
        path: 'tasks',
        loader: starts(list(taskList)),
        lazy: { Component: async () => (await import('./tasks/TasksPage')).TasksPage },
      },
      {
        path: 'tasks/:task',
        loader: starts(({ params }) => void client.prefetchQuery(showQuery('tasks', 'tasks/show', { task: params.task }))),
        lazy: { Component: async () => (await import('./tasks/TaskPage')).TaskPage },
      },
      {
        path: 'tokens',
        loader: starts(list(tokenList)),
        lazy: { Component: async () => (await import('./tokens/TokensPage')).TokensPage },
      },
      { path: '*', element: <Missing /> },
    ],
  },
]);
