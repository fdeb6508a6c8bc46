import { Button, Tooltip } from '@patternfly/react-core';
import CheckIcon from '@patternfly/react-icons/dist/esm/icons/check-icon';
import CopyIcon from '@patternfly/react-icons/dist/esm/icons/copy-icon';
import { useEffect, useState } from 'react';
import { escapePath } from '../api/paths';
import type { PathBytes } from '../api/types';
import { shortDigest } from './format';

/** A name that someone else chose: its direction stays its own, its controls are shown, not obeyed. */
export function Name({ of }: { of: string }) {
  return <bdi>{escapePath(of).replaceAll('\\\\', '\\')}</bdi>;
}

export function PathText({ path }: { path: PathBytes }) {
  return <bdi className="mu-mono mu-path" dir="ltr">{escapePath(path)}</bdi>;
}

export function Copy({ text, what }: { text: string; what: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <Tooltip content={done ? 'Copied' : `Copy ${what}`} aria="none" aria-live="polite">
      <Button
        variant="plain"
        size="sm"
        hasNoPadding
        className="mu-copy"
        aria-label={`Copy ${what}`}
        icon={done ? <CheckIcon /> : <CopyIcon />}
        onClick={(e) => {
          e.stopPropagation();
          void copy(text).then(() => setDone(true));
        }}
      />
    </Tooltip>
  );
}

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure context there is no clipboard API; a selection still can be copied.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

export function Digest({ of }: { of: string | null | undefined }) {
  if (!of) return <span className="mu-quiet">–</span>;
  return (
    <span className="mu-nowrap">
      <code title={of}>{shortDigest(of)}</code> <Copy text={of} what="digest" />
    </span>
  );
}
