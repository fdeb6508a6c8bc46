import { Label, type LabelProps } from '@patternfly/react-core';
import BanIcon from '@patternfly/react-icons/dist/esm/icons/ban-icon';
import BoltIcon from '@patternfly/react-icons/dist/esm/icons/bolt-icon';
import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import ClockIcon from '@patternfly/react-icons/dist/esm/icons/clock-icon';
import DownloadIcon from '@patternfly/react-icons/dist/esm/icons/download-icon';
import ExclamationCircleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import EyeIcon from '@patternfly/react-icons/dist/esm/icons/eye-icon';
import InfoCircleIcon from '@patternfly/react-icons/dist/esm/icons/info-circle-icon';
import PauseCircleIcon from '@patternfly/react-icons/dist/esm/icons/pause-circle-icon';
import PlugIcon from '@patternfly/react-icons/dist/esm/icons/plug-icon';
import RedoIcon from '@patternfly/react-icons/dist/esm/icons/redo-icon';
import SyncAltIcon from '@patternfly/react-icons/dist/esm/icons/sync-alt-icon';
import UndoIcon from '@patternfly/react-icons/dist/esm/icons/undo-icon';
import UnlinkIcon from '@patternfly/react-icons/dist/esm/icons/unlink-icon';
import UnknownIcon from '@patternfly/react-icons/dist/esm/icons/unknown-icon';
import type { ComponentType, ReactNode } from 'react';

interface Look {
  status?: LabelProps['status'];
  color?: LabelProps['color'];
  icon: ComponentType<{ className?: string }>;
  moving?: boolean;
}

/** The one vocabulary for state: always icon, word and colour together. */
const looks: Record<string, Look> = {
  'in sync': { status: 'success', icon: CheckCircleIcon },
  planned: { status: 'info', icon: ClockIcon },
  asked: { status: 'info', icon: ClockIcon },
  fetching: { status: 'info', icon: DownloadIcon, moving: true },
  updating: { status: 'info', icon: SyncAltIcon, moving: true },
  restarting: { status: 'info', icon: SyncAltIcon, moving: true },
  drifted: { status: 'warning', icon: ExclamationTriangleIcon },
  paused: { status: 'warning', icon: PauseCircleIcon },
  unreachable: { status: 'warning', icon: UnlinkIcon },
  reconnecting: { status: 'warning', icon: UnlinkIcon, moving: true },
  failed: { status: 'danger', icon: ExclamationCircleIcon },
  refused: { status: 'danger', icon: BanIcon },

  queued: { color: 'grey', icon: ClockIcon },
  waiting: { color: 'grey', icon: ClockIcon },
  running: { status: 'info', icon: SyncAltIcon, moving: true },
  retrying: { status: 'warning', icon: RedoIcon },
  'taking back': { status: 'warning', icon: UndoIcon },
  'taken back': { status: 'warning', icon: UndoIcon },
  'not taken back': { status: 'danger', icon: ExclamationCircleIcon },
  done: { status: 'success', icon: CheckCircleIcon },
  cancelled: { status: 'warning', icon: BanIcon },

  monitored: { color: 'grey', icon: EyeIcon },
  unknown: { color: 'grey', icon: UnknownIcon },

  critical: { status: 'danger', icon: ExclamationCircleIcon },
  error: { status: 'danger', icon: ExclamationCircleIcon },
  warning: { status: 'warning', icon: ExclamationTriangleIcon },
  info: { status: 'info', icon: InfoCircleIcon },

  restored: { status: 'success', icon: CheckCircleIcon },
  reported: { status: 'warning', icon: EyeIcon },
  war: { status: 'danger', icon: BoltIcon },
  connected: { status: 'success', icon: PlugIcon },
};

export function StateLabel({ state, stale = false, children }: { state: string; stale?: boolean; children?: ReactNode }) {
  const word = state.replaceAll('-', ' ');
  const look: Look = looks[word] ?? { color: 'grey', icon: UnknownIcon };
  const Icon = look.icon;
  const colour: Partial<LabelProps> = stale || !look.status ? { color: 'grey' } : { status: look.status };
  return (
    <Label {...colour} variant="outline" isCompact className="mu-state" icon={<Icon className={look.moving && !stale ? 'mu-moving' : ''} />}>
      {children ?? word}{children !== undefined && <span className="pf-v6-screen-reader"> {word}</span>}
    </Label>
  );
}
