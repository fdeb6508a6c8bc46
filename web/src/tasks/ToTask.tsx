import { Alert } from '@patternfly/react-core';
import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import type { Task } from '../api/types';
import { taskAddress } from '../ui/addresses';

/** What a change that begins a task answers: one goes on to watch it. */
export function ToTask({ task }: { task: Task }) {
  const navigate = useNavigate();
  useEffect(() => void navigate(taskAddress(task.id)), [navigate, task.id]);
  return <Alert component="p" variant="success" isInline title="Begun" />;
}
